// Chains of proxies over each transport: what is said to them, what comes of what they say, and what is left open.
import test from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import { Fault } from '../../../src/base/fault.ts';
import { bindChain, connectChain, associateChain } from '../../../src/net/proxies/chain.ts';
import { blamesDestination, HopFailure } from '../../../src/net/proxies/talk.ts';
import { causeOf, faultOf } from '../../support/faults.ts';
import { at, soon, text } from '../../support/legs.ts';
import { transports } from '../../support/transports.ts';
import { hop, scriptedServer, type Step } from '../../support/upstreams.ts';
import { hex, planOf, openerOf, GRANTED, ANSWERS } from '../../support/net/chains.ts';

test('a proxy of type `socks` that says nothing to a greeting is asked in SOCKS4 after three seconds', async (t) => {
  const transport = transports[0]!.create();
  const proxy = await scriptedServer(t, [3], [25, GRANTED]);
  const plan = planOf([hop('socks', proxy.port)]);
  const startedAt = performance.now();
  const { leg } = await connectChain(
    openerOf(transport, proxy.port),
    plan,
    new Deadline(0, 'CONNECT_TIMEOUT'),
  );
  leg.close('reset');
  t.true(performance.now() - startedAt >= 2999);
  t.is(proxy.taken[0], '050100');
  t.is(proxy.taken[1]?.slice(0, 4), '0401');
});

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('a proxy that says nothing is named when time is up'), async (t) => {
    for (const [protocol, before] of ANSWERS) {
      const proxy = await scriptedServer(t, before);
      const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
      const work = faultOf(
        connectChain(openerOf(transport, proxy.port), planOf([hop(protocol, proxy.port)]), deadline),
      );
      await proxy.played(1);
      deadline.end(new Fault('CONNECT_TIMEOUT'));
      const fault = await work;
      t.is(fault.code, 'CONNECT_TIMEOUT');
      t.regex(causeOf(fault), new RegExp(`proxy 127.0.0.1:${proxy.port}: no answer in time`));
    }
  });

  test(title('a client that leaves is nobody’s fault'), async (t) => {
    const proxy = await scriptedServer(t, [3]);
    const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
    const work = faultOf(
      connectChain(openerOf(transport, proxy.port), planOf([hop('socks5', proxy.port)]), deadline),
    );
    await proxy.played(1);
    const gone = new Fault('PEER_RESET');
    deadline.end(gone);
    t.is(await work, gone);
  });

  test(title('each proxy is asked for the next one, and the last for the destination'), async (t) => {
    const proxy = await scriptedServer(t, [
      ...[3, '0500', 10, '05000001000000000000'],
      ...['head', hex('HTTP/1.1 200 OK\r\n\r\n')],
      ...[25, GRANTED],
    ]);
    const hops = [
      hop('socks5', proxy.port),
      hop('http', 8080, '192.0.2.1'),
      hop('socks4', 1081, 'inner.test'),
    ];
    const { leg } = await connectChain(openerOf(transport, proxy.port), planOf(hops), soon());
    leg.close('reset');
    t.is(
      proxy.taken[0],
      [
        '050100 05010001c0000201 1f90',
        hex('CONNECT inner.test:1081 HTTP/1.1\r\nHost: inner.test:1081\r\n\r\n'),
        `0401005000000001${hex('user')}00${hex('target.test')}00`,
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  test(
    title('a proxy that cannot be reached through another one is to blame, and both are named'),
    async (t) => {
      const proxy = await scriptedServer(t, [3, '0500', 10, '0505']);
      const hops = [hop('socks5', proxy.port), hop('http', 8080, '192.0.2.1')];
      const fault = await faultOf(connectChain(openerOf(transport, proxy.port), planOf(hops), soon()));
      t.is(fault.code, 'CONNECTION_REFUSED');
      t.is(causeOf(fault), `socks5 proxy 127.0.0.1:${proxy.port}, asked for 192.0.2.1:8080: said REP 5`);
      t.false(blamesDestination(fault));
      t.is(fault.cause instanceof HopFailure && fault.cause.hop, hops[0]!);
    },
  );

  for (const [what, script] of [
    ['closes', [3, 'fin']],
    ['resets', [3, 'reset']],
    ['answers in SOCKS4', [3, '005b000000000000']],
  ] as const) {
    test(
      title(`a proxy of type \`socks\` that ${what} on a greeting is asked in SOCKS4, and from then on`),
      async (t) => {
        const proxy = await scriptedServer(t, script, [25, GRANTED], [25, GRANTED], [25, 'fin'], [3, '05ff']);
        const plan = planOf([hop('socks', proxy.port)]);
        const open = openerOf(transport, proxy.port);
        for (let connections = 0; connections < 2; connections++) {
          (await connectChain(open, plan, soon())).leg.close('reset');
        }
        t.deepEqual(
          proxy.taken.map((taken) => taken.slice(0, 4)),
          ['0501', '0401', '0401'],
        );
        // What is remembered holds as long as it works.
        t.is((await faultOf(connectChain(open, plan, soon()))).code, 'PROXY_CLOSED');
        t.is((await faultOf(connectChain(open, plan, soon()))).code, 'PROXY_LOGIN_FAILED');
        t.is(proxy.taken.length, 5);
      },
    );
  }

  test(title('a proxy of type `socks` that wants a login is not asked without one in SOCKS4'), async (t) => {
    const proxy = await scriptedServer(t, [3, '05ff']);
    const plan = planOf([hop('socks', proxy.port)]);
    t.is(
      (await faultOf(connectChain(openerOf(transport, proxy.port), plan, soon()))).code,
      'PROXY_LOGIN_FAILED',
    );
    t.is(proxy.taken.length, 1);
  });

  test(title('BIND: both replies, zeros are the address of the proxy'), async (t) => {
    for (const [protocol, first, second] of [
      ['socks5', [3, '0500', 10, '05000001000000001388'], '05000001cb0071010050'],
      ['socks4', [13, '005a138800000000'], '005a0050cb007101'],
    ] as const) {
      const proxy = await scriptedServer(t, [...first, second, hex('early')]);
      const plan = planOf([hop(protocol, proxy.port)], '203.0.113.1:0');
      const meeting = await bindChain(openerOf(transport, proxy.port), plan, soon());
      t.deepEqual(meeting.bound, at(5000));
      t.deepEqual(await meeting.peer(soon()), at(80, '203.0.113.1'));
      t.is(text(await meeting.leg.read()), 'early');
      meeting.leg.close('reset');
      t.is(
        proxy.taken[0],
        protocol === 'socks5' ? '05010005020001cb0071010000' : `04020000cb007101${hex('user')}00`,
      );
    }
  });

  test(title('BIND: a second reply that is a refusal, or never comes'), async (t) => {
    const first: Step[] = [3, '0500', 10, '05000001000000001388'];
    for (const [last, code] of [
      ['0506', 'CONNECT_TIMEOUT'],
      ['fin', 'PROXY_CLOSED'],
      ['0400', 'PROXY_MALFORMED'],
    ] as const) {
      const proxy = await scriptedServer(t, [...first, last]);
      const plan = planOf([hop('socks5', proxy.port)], '203.0.113.1:0');
      const meeting = await bindChain(openerOf(transport, proxy.port), plan, soon());
      t.is((await faultOf(meeting.peer(soon()))).code, code);
    }
  });

  test(title('BIND and UDP ASSOCIATE are refused where a proxy has none'), async (t) => {
    const proxy = await scriptedServer(t, []);
    const open = openerOf(transport, proxy.port);
    for (const work of [
      bindChain(open, planOf([hop('http', proxy.port)]), soon()),
      associateChain(open, planOf([hop('http', proxy.port)]), soon()),
      associateChain(open, planOf([hop('socks4', proxy.port)]), soon()),
    ]) {
      t.is((await faultOf(work)).code, 'COMMAND_UNSUPPORTED');
    }
  });

  test(title('UDP ASSOCIATE: where the proxy takes datagrams'), async (t) => {
    const proxy = await scriptedServer(t, [3, '0500', 10, '05000001000000001388']);
    const plan = planOf([hop('socks5', proxy.port)], '0.0.0.0:0');
    const { leg, bound } = await associateChain(openerOf(transport, proxy.port), plan, soon());
    leg.close('reset');
    t.is(proxy.taken[0], '05010005030001000000000000');
    t.deepEqual(bound, { kind: 'ip', ...at(5000) });
  });
}
