// UDP ASSOCIATE whose datagrams routes lead through proxies: other servers of ours, Dante, and some that lie.
import test, { type ExecutionContext } from 'ava';
import { plainly } from '../../src/net/layer.ts';
import type { WayChange } from '../../src/net/routes/ways.ts';
import type { Snapshot } from '../../src/session/session.ts';
import {
  datagram,
  mustBeFree,
  mustEcho,
  openAssociation,
  type Associated,
  type NamedTarget,
} from '../support/associations.ts';
import { startDnsServer, type DnsRecord, type DnsServer } from '../support/dns.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { onlyUser, startServer, type TestServer } from '../support/server.ts';
import { apart, transports } from '../support/transports.ts';
import { udpEcho, udpPeer, type UdpPeer } from '../support/udp.ts';
import { scriptedServer, startDante, type Step } from '../support/upstreams.ts';

/** Where nothing listens, whatever other tests open on 127.0.0.1. */
const NOBODY = '127.0.0.9';

/** `routes` are lines of srelay.conf; `changes` hears of its ways. */
interface Started extends Partial<Snapshot> {
  readonly routes?: readonly string[];
  readonly changes?: WayChange[];
  readonly names?: DnsServer;
}

const request = (rules: string) => ({ policy: policy({ rules: section('', { request: rules }) }) });

/** The bytes of a whole conversation that grants UDP at `relay`, in the clear. */
const grants = (relay: UdpPeer): readonly Step[] => [
  3,
  '0500',
  10,
  `050000017f000001${relay.local.port.toString(16).padStart(4, '0')}`,
];

async function namesFor(t: ExecutionContext, table: Record<string, DnsRecord>): Promise<DnsServer> {
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  return dns;
}

/** What `ended` says once the client has left. */
async function endOf(server: TestServer, each: Associated) {
  each.wire.socket.end();
  return server.event('ended');
}

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

  async function start(
    t: ExecutionContext,
    { routes, changes, names, ...rest }: Started = {},
  ): Promise<TestServer> {
    const snapshot = { ...(routes && { routing: routing(routes, changes) }), ...rest };
    const server = await startServer(apart(transport), snapshot, undefined, names && [names.endpoint]);
    t.teardown(() => server.stop());
    return server;
  }

  for (const count of [1, 2, 3]) {
    withIpv6(title(`datagrams pass through ${count} proxies of ours, to IPv4, IPv6 and names`), async (t) => {
      const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.1'] } });
      const [echo, echo6] = [await udpEcho(t), await udpEcho(t, '::1')];
      const far = await start(t, { names: dns });
      const others = await Promise.all(Array.from({ length: count - 1 }, () => start(t)));
      const hops = [far, ...others].map(({ port }) => `127.0.0.1 ${port}/5`);
      const front = await start(t, { routes: [`* any ${hops.join(' ')}`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'four');
      await mustEcho(t, each, echo6, 'six');
      await mustEcho(t, each, echo, '');
      await each.send('by name', { name: 'echo.test', port: echo.local.port });
      const answer = await each.answer();
      t.deepEqual([answer.payload.toString(), answer.source], ['by name', echo.local]);
      const { session, bytesUp, bytesDown, dropped } = await endOf(front, each);
      t.deepEqual([bytesUp, bytesDown, dropped], [14, 14, undefined]);
      t.is(
        session.via,
        hops
          .map((hop) => hop.replace(' ', ':').replace('/5', ''))
          .reverse()
          .join(','),
      );
      // One association at each; those before the last one carry the connections to the next ones, too.
      t.is((await far.event('ended')).session.command, 'assoc');
      for (const other of others) t.like(await other.event('listening'), { session: { command: 'assoc' } });
    });
  }

  withIpv6(title('a proxy may be reached over IPv6, and one behind it over IPv4'), async (t) => {
    const [echo, echo6] = [await udpEcho(t), await udpEcho(t, '::1')];
    const [far, near] = [await start(t), await start(t)];
    const six = await near.server.listen(plainly(at(0, '::1')));
    for (const far4 of ['', `127.0.0.1 ${far.port}/5 `]) {
      const front = await start(t, { routes: [`* any ${far4}[::1] ${six.port}/5`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'four');
      await mustEcho(t, each, echo6, 'six');
      t.is((await endOf(front, each)).dropped, undefined);
    }
  });

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

  test(title('proxies get the logins that are theirs'), async (t) => {
    const echo = await udpEcho(t);
    const [far, near] = [
      await start(t, { checkLogin: onlyUser('far', 'one') }),
      await start(t, { checkLogin: onlyUser('near', 'two') }),
    ];
    const routes = routing([`* any 127.0.0.1 ${far.port}/5 127.0.0.1 ${near.port}/5`]);
    const credentials = ({ port }: { readonly port: number }) => {
      const [user, password] = port === far.port ? ['far', 'one'] : ['near', 'two'];
      return { user: Buffer.from(user), password: Buffer.from(password), method: 'password' } as const;
    };
    const front = await start(t, { routing: { ...routes, credentials } });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'let in');
    t.like(await far.event('listening'), { session: { identity: { name: 'far' } } });
  });

  test(title('Dante takes datagrams, before and behind a proxy of ours'), async (t) => {
    const echo = await udpEcho(t);
    const [dante, ours] = [await startDante(t), await start(t)];
    for (const chain of [
      `127.0.0.1 ${dante}/5`,
      `127.0.0.1 ${dante}/5 127.0.0.1 ${ours.port}/5`,
      `127.0.0.1 ${ours.port}/5 127.0.0.1 ${dante}/5`,
    ]) {
      const front = await start(t, { routes: [`* any ${chain}`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, chain);
      await mustEcho(t, each, echo, 'again');
      t.is((await endOf(front, each)).dropped, undefined);
    }
  });

  test(title('a name travels as it is, and the rules see nothing but the name'), async (t) => {
    const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.1'] }, 'shut.test': { a: ['127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t, { names: dns });
    const routes = [`* any 127.0.0.1 ${far.port}`];
    const front = await start(t, { routes, ...request('!assoc:127.0.0.1 !assoc:shut.test assoc:*') });
    const each = await openAssociation(t, front.port);
    await each.send('shut', { name: 'shut.test', port: echo.local.port });
    await each.send('shut', echo.local);
    for (const word of ['one', 'two']) {
      await each.send(word, { name: 'Echo.Test.', port: echo.local.port });
      t.is((await each.answer()).payload.toString(), word);
    }
    t.deepEqual((await endOf(front, each)).dropped, { denied: 2 });
    t.false(dns.queries.some((query) => query.includes('shut')));
  });

  test(title('a name of this host never travels, and one of Tor does'), async (t) => {
    const dns = await namesFor(t, { 'abc.onion': { a: ['127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t, { names: dns });
    const front = await start(t, { routes: [`* any 127.0.0.1 ${far.port}`], names: dns });
    const each = await openAssociation(t, front.port);
    for (const name of ['localhost', 'a.LocalHost.']) {
      await each.send(name, { name, port: echo.local.port });
      t.is((await each.answer()).payload.toString(), name);
    }
    t.false(far.events.some(({ kind }) => kind === 'accepted'));
    await each.send('void', { name: 'abc.invalid', port: echo.local.port });
    await each.send('tor', { name: 'abc.onion', port: echo.local.port });
    await far.event('listening');
    t.deepEqual((await endOf(front, each)).dropped, { unresolved: 1 });
    // No name server was asked: not here for any of them, and not by the proxy for that of Tor.
    t.deepEqual(dns.queries, []);
  });

  test(title('names=local looks names up here, and asks the rules about each address'), async (t) => {
    const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.9', '127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t);
    const front = await start(t, {
      routes: [`echo.test any 127.0.0.1 ${far.port} names=local`],
      names: dns,
      ...request('!assoc:127.0.0.9 assoc:*'),
    });
    const each = await openAssociation(t, front.port);
    await each.send('found', { name: 'echo.test', port: echo.local.port });
    t.is((await each.answer()).payload.toString(), 'found');
    // The same place without the name is reached straight.
    await mustEcho(t, each, echo, 'straight');
    const seen = await echo.take(2);
    t.not(seen[0]!.from.port, seen[1]!.from.port);
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

  test(
    title('of what a proxy sends only whole answers of targets that were sent to get to the client'),
    async (t) => {
      const straight = await udpEcho(t);
      const relay = await udpPeer(t);
      const liar = await scriptedServer(t, grants(relay));
      const front = await start(t, { routes: [`127.0.0.2 any 127.0.0.1 ${liar.port}/5`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, straight, 'straight');
      await each.send('asked', at(53, '127.0.0.2'));
      const [arrived] = await relay.take(1);
      t.true(arrived!.bytes.equals(datagram('asked', at(53, '127.0.0.2'))));
      const right = datagram('answer', at(53, '127.0.0.2'));
      const stranger = await udpPeer(t);
      await stranger.send(right, arrived!.from);
      const wrong = [
        Buffer.alloc(0),
        Buffer.from('garbage'),
        right.subarray(0, 9),
        Buffer.concat([Uint8Array.of(0, 0, 1), right.subarray(3)]),
        datagram('another port', at(54, '127.0.0.2')),
        datagram('another host', at(53, '127.0.0.3')),
        // It was sent to, but not by this proxy.
        datagram('stolen', straight.local),
        datagram('a name', { name: 'a.test', port: 53 }),
      ];
      for (const bytes of wrong) await relay.send(bytes, arrived!.from);
      await relay.send(right, arrived!.from);
      t.is((await each.answer()).payload.toString(), 'answer');
      t.deepEqual((await endOf(front, each)).dropped, { stranger: 5, malformed: 3, fragment: 1 });
    },
  );

  test(title('an answer to a name comes from any address, but from the port'), async (t) => {
    const relay = await udpPeer(t);
    const liar = await scriptedServer(t, grants(relay));
    const front = await start(t, { routes: [`* any 127.0.0.1 ${liar.port}/5`] });
    const each = await openAssociation(t, front.port);
    const target: NamedTarget = { name: 'far.test', port: 53 };
    await each.send('asked', target);
    const [arrived] = await relay.take(1);
    t.true(arrived!.bytes.equals(datagram('asked', target)));
    await relay.send(datagram('another port', at(54, '192.0.2.1')), arrived!.from);
    await relay.send(datagram('answer', at(53, '2001:db8::1')), arrived!.from);
    const answer = await each.answer();
    t.deepEqual([answer.source, answer.payload.toString()], [at(53, '2001:db8::1'), 'answer']);
    t.deepEqual((await endOf(front, each)).dropped, { stranger: 1 });
  });

  for (const [count, most] of [
    [1, 65_497],
    [2, 65_487],
  ] as const) {
    test(title(`${count} proxies have room for ${most} bytes, and what has more is dropped`), async (t) => {
      const target = await udpPeer(t);
      const hops = await Promise.all(Array.from({ length: count }, () => start(t)));
      const chain = hops.map(({ port }) => `127.0.0.1 ${port}`).join(' ');
      const front = await start(t, { routes: [`* any ${chain}`] });
      const each = await openAssociation(t, front.port);
      const largest = Buffer.alloc(most, 'x');
      await each.send(largest, target.local);
      const [arrived] = await target.take(1);
      t.true(arrived!.bytes.equals(largest));
      await target.send(largest, arrived!.from);
      t.true((await each.answer()).payload.equals(largest));
      // Through one proxy there is room for whatever a client can send.
      if (count === 1) return;
      await each.send(Buffer.alloc(most + 1), target.local);
      await each.send('behind it', target.local);
      t.is((await target.take(1))[0]?.bytes.toString(), 'behind it');
      t.deepEqual((await endOf(front, each)).dropped, { 'too-long': 1 });
    });
  }

  test(title('a client that leaves while proxies are asked leaves nothing behind'), async (t) => {
    const changes: WayChange[] = [];
    const silent = await scriptedServer(t, [3, '0500', 10, 1]);
    const front = await start(t, { routes: [`* any 127.0.0.1 ${silent.port}/5`], changes });
    const each = await openAssociation(t, front.port);
    await each.send('?', at(53));
    const isAsked = () => silent.taken.some((bytes) => bytes.length >= 26);
    while (!isAsked()) await new Promise((resolve) => setImmediate(resolve));
    each.wire.socket.end();
    // It takes a byte more, or the end.
    await silent.played(1);
    t.is((await front.event('ended')).dropped, undefined);
    t.deepEqual(changes, []);
  });

  test(title('what waits for proxies is bounded'), async (t) => {
    const silent = await scriptedServer(t, []);
    const front = await start(t, { routes: [`127.0.0.2 any 127.0.0.1 ${silent.port}/5`] });
    const echo = await udpEcho(t);
    const each = await openAssociation(t, front.port);
    for (let count = 0; count < 70; count++) await each.send('?', at(53, '127.0.0.2'));
    await mustEcho(t, each, echo, 'others go on');
    t.deepEqual((await endOf(front, each)).dropped, { busy: 6 });
  });
}
