// UDP ASSOCIATE through proxies that refuse, lie or leave, and what is given back then.
import test, { type ExecutionContext } from 'ava';
import type { WayChange } from '../../src/net/routes/ways.ts';
import { mustBeFree, mustEcho, openAssociation, type Associated } from '../support/associations.ts';
import { at } from '../support/legs.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, type UdpPeer } from '../support/udp.ts';
import { scriptedServer } from '../support/upstreams.ts';
import { request, endOf, startRouted } from '../support/session/udproutes.ts';

/** Where nothing listens, whatever other tests open on 127.0.0.1. */
const NOBODY = '127.0.0.9';

/** As a client of UDP does that gets no answer: asks again. */
async function insistOnEcho(t: ExecutionContext, each: Associated, echo: UdpPeer): Promise<void> {
  const again = setInterval(() => void each.send('still there?', echo.local), 50);
  const { payload } = await each.answer();
  clearInterval(again);
  t.is(payload.toString(), 'still there?');
}

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = startRouted(transport);

  test(title('what the proxies hold for an association is given back when the client leaves'), async (t) => {
    const echo = await udpEcho(t);
    const [far, near] = [await start(t), await start(t)];
    const front = await start(t, { routes: [`* any 127.0.0.1 ${far.port} 127.0.0.1 ${near.port}`] });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'before');
    const relays = [await far.event('listening'), await near.event('listening')].map(({ bound }) => bound);
    each.wire.socket.resetAndDestroy();
    t.is((await front.event('ended')).endedBy, 'client-reset');
    await Promise.all([far.event('ended'), near.event('ended'), near.event('ended')]);
    for (const relay of relays) await mustBeFree(relay);
    for (const { server } of [far, near, front]) t.is(server.registry.size, 0);
  });

  test(title('a route without proxies leaves this host as it says'), async (t) => {
    const echo = await udpEcho(t);
    const front = await start(t, { routes: [`127.0.0.0/8 any source=127.0.0.7`] });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'from there');
    t.is((await echo.take(1))[0]?.from.ip, at(0, '127.0.0.7').ip);
  });

  test(
    title('a proxy of type HTTP or SOCKS4 takes no datagrams: they are dropped, and never go straight'),
    async (t) => {
      const echo = await udpEcho(t);
      const far = await start(t);
      const lines = ['/H', '/4', '/H 127.0.0.1 1/5'].map(
        (type, at) => `127.0.0.${at + 2} any 127.0.0.1 ${far.port}${type}`,
      );
      const front = await start(t, { routes: [...lines, 'echo.test any 127.0.0.1 1/H'] });
      const each = await openAssociation(t, front.port);
      for (const host of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) await each.send('?', at(9, host));
      await each.send('?', { name: 'echo.test', port: 9 });
      await mustEcho(t, each, echo, 'others pass');
      t.deepEqual((await endOf(front, each)).dropped, { 'no-udp': 4 });
    },
  );

  test(title('where routes leave datagrams no way at all, ASSOCIATE is answered by 07'), async (t) => {
    const front = await start(t, { routes: ['* any 127.0.0.1 1/H'] });
    await t.throwsAsync(openAssociation(t, front.port), { message: 'REP 7' });
    const { fault } = await front.event('refused');
    t.is(fault.code, 'PROXY_WITHOUT_UDP');
    t.is(fault.cause, 'route * any 127.0.0.1 1/H from test.conf:1');
  });

  test(title('a proxy that refuses UDP is passed over, and stays good for others'), async (t) => {
    const echo = await udpEcho(t);
    const changes: WayChange[] = [];
    const [refuses, works] = [await scriptedServer(t, [3, '0500', 10, '0507', 'fin']), await start(t)];
    const front = await start(t, {
      routes: [
        `127.0.0.2 any 127.0.0.1 ${refuses.port}/5`,
        `* any 127.0.0.1 ${refuses.port}/5 | 127.0.0.1 ${works.port}/5`,
      ],
      changes,
    });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'found the other one');
    await each.send('?', at(9, '127.0.0.2'));
    await refuses.played(2);
    await mustEcho(t, each, echo, 'still');
    const { dropped, fault, session } = await endOf(front, each);
    t.deepEqual(dropped, { 'no-proxy': 1 });
    t.is(fault?.code, 'PROXY_WITHOUT_UDP');
    t.regex(String(fault?.cause), /socks5 proxy 127.0.0.1:\d+: said REP 7/);
    t.is(session.via, `127.0.0.1:${refuses.port}`);
    t.deepEqual(changes, []);
  });

  test(title('a further proxy that refuses UDP takes the part of the first one with it'), async (t) => {
    const echo = await udpEcho(t);
    const [far, near] = [await start(t, request('connect:*')), await start(t)];
    const chain = `127.0.0.1 ${far.port}/5 127.0.0.1 ${near.port}/5`;
    const front = await start(t, { routes: [`127.0.0.2 any ${chain}`] });
    const each = await openAssociation(t, front.port);
    await each.send('?', at(9, '127.0.0.2'));
    t.is((await far.event('refused')).fault.code, 'REQUEST_DENIED');
    await Promise.all([near.event('ended'), near.event('ended')]);
    await mustEcho(t, each, echo, 'straight');
    const { dropped, fault } = await endOf(front, each);
    t.deepEqual(dropped, { 'no-proxy': 1 });
    t.regex(String(fault?.cause), /said REP 2/);
  });

  test(title('a proxy that is gone is tried last from then on, and its route drops datagrams'), async (t) => {
    const echo = await udpEcho(t);
    const changes: WayChange[] = [];
    const works = await start(t);
    const front = await start(t, {
      routes: [`127.0.0.2 any ${NOBODY} 8`, `* any ${NOBODY} 9 | 127.0.0.1 ${works.port}`],
      changes,
    });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'found the other one');
    await each.send('?', at(9, '127.0.0.2'));
    await each.send('?', at(9, '127.0.0.2'));
    while (changes.length < 2) await mustEcho(t, each, echo, 'meanwhile');
    const { dropped, fault } = await endOf(front, each);
    t.deepEqual(dropped, { 'no-proxy': 2 });
    t.is(fault?.cause, `proxy ${NOBODY}:8: connection refused`);
    t.deepEqual(
      changes.map(({ kind, via }) => `${kind} ${via}`),
      [`down ${NOBODY}:9`, `down ${NOBODY}:8`],
    );
  });

  test(title('least-sessions counts an association until it has ended'), async (t) => {
    const echo = await udpEcho(t);
    const [one, other] = [await start(t), await start(t)];
    const line = `* any 127.0.0.1 ${one.port}/5 | 127.0.0.1 ${other.port}/5 pick=least-sessions`;
    const front = await start(t, { routes: [line] });
    const associate = async (): Promise<Associated> => {
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'mine');
      return each;
    };
    const first = await associate();
    await associate();
    await endOf(front, first);
    await associate();
    t.deepEqual(
      [one, other].map(({ events }) => events.filter(({ kind }) => kind === 'listening').length),
      [2, 1],
    );
  });

  for (const [which, at] of [
    ['nearest', 0],
    ['farthest', 1],
  ] as const) {
    test(title(`when the ${which} proxy ends its part, the next datagram begins anew`), async (t) => {
      const echo = await udpEcho(t);
      const proxies = [await start(t), await start(t)];
      const [near, far] = proxies;
      const front = await start(t, { routes: [`* any 127.0.0.1 ${far!.port} 127.0.0.1 ${near!.port}`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'before');
      proxies[at]!.server.registry.cutAll();
      await insistOnEcho(t, each, echo);
      each.wire.socket.end();
      await Promise.all([far!.event('ended'), far!.event('ended'), front.event('ended')]);
      t.is(far!.server.registry.size, 0);
    });
  }
}
