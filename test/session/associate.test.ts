// UDP ASSOCIATE over every transport. That a datagram was dropped is seen by the one behind it, which came through, and
// by what the `ended` record counts.
import test, { type ExecutionContext } from 'ava';
import { plainly } from '../../src/net/layer.ts';
import type { Endpoint } from '../../src/base/ip.ts';
import type { Snapshot } from '../../src/session/session.ts';
import {
  addressBytes,
  datagram,
  mustBeFree,
  mustEcho,
  openAssociation,
  type Associated,
} from '../support/associations.ts';
import { startDnsServer, type DnsRecord, type DnsServer } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, SNAPSHOT, startServer, type TestServer } from '../support/server.ts';
import { enter } from '../support/socks.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer, type UdpPeer } from '../support/udp.ts';

const udpLimits = (changes: Partial<Snapshot['udp']>): Partial<Snapshot> => ({
  udp: { ...SNAPSHOT.udp, ...changes },
});

/** Where the `count` datagrams that came came from. */
async function sourceOf(target: UdpPeer, count = 1): Promise<Endpoint> {
  const arrived = await target.take(count);
  return arrived[0]!.from;
}

/** What `ended` says once the client has left. */
async function endOf(server: TestServer, each: Associated) {
  each.wire.socket.end();
  return server.event('ended');
}

async function namesFor(t: ExecutionContext, table: Record<string, DnsRecord>): Promise<DnsServer> {
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  return dns;
}

for (const { name, create } of transports) {
  const transport = create();
  const start = async (
    t: ExecutionContext,
    changes: Partial<Snapshot> = {},
    dns?: DnsServer,
  ): Promise<TestServer> => {
    const server = await startServer(
      transport,
      changes,
      undefined,
      dns === undefined ? undefined : [dns.endpoint],
    );
    t.teardown(() => server.stop());
    return server;
  };

  for (const [how, endedBy] of [
    ['FIN', 'client-fin'],
    ['RST', 'client-reset'],
  ] as const) {
    test(`${name}: V5-31: ${how} on the control connection ends everything`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const each = await openAssociation(t, server.port);
      await mustEcho(t, each, echo, 'before');
      const seen = await sourceOf(echo);
      if (how === 'FIN') each.wire.socket.end();
      else each.wire.socket.resetAndDestroy();
      const ended = await server.event('ended');
      t.like(ended, { endedBy, bytesUp: 6, bytesDown: 6, dropped: undefined });
      await mustBeFree(each.bound);
      await mustBeFree(seen);
      t.is(server.server.registry.size, 0);
    });
  }

  test(`${name}: V5-31: the server ends its side of the control connection, too`, async (t) => {
    const server = await start(t);
    const each = await openAssociation(t, server.port);
    each.wire.socket.end();
    t.is(await each.wire.ending(), 'fin');
  });

  test(`${name}: V5-32: datagrams from another address than the client's are dropped`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const stranger = await udpPeer(t, '127.0.0.2');
    await stranger.send(datagram('steal', echo.local), each.bound);
    await mustEcho(t, each, echo, 'mine');
    await stranger.send(datagram('steal again', echo.local), each.bound);
    await mustEcho(t, each, echo, 'still mine');
    t.deepEqual((await endOf(server, each)).dropped, { stranger: 2 });
    t.deepEqual(
      (await echo.take(2)).map(({ bytes }) => bytes.toString()),
      ['mine', 'still mine'],
    );
  });

  test(`${name}: V5-32: without an announced port the first datagram says which it is`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const other = await udpPeer(t);
    await other.send('no header', each.bound);
    await mustEcho(t, each, echo, 'first');
    await other.send(datagram('second', echo.local), each.bound);
    await mustEcho(t, each, echo, 'third');
    t.deepEqual((await endOf(server, each)).dropped, { malformed: 1, stranger: 1 });
  });

  for (const [what, address] of [
    ['zeros', '0.0.0.0'],
    ["the client's address", '127.0.0.1'],
    ['ATYP 04 zeros (V5-40)', '::'],
  ] as const) {
    test(`${name}: V5-32: a port announced with ${what} is the only one that is heard`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const announced = ({ local }: UdpPeer) => addressBytes(at(local.port, address));
      const each = await openAssociation(t, server.port, { announced });
      const other = await udpPeer(t);
      await other.send(datagram('early', echo.local), each.bound);
      await mustEcho(t, each, echo, 'announced');
      t.deepEqual((await endOf(server, each)).dropped, { stranger: 1 });
    });
  }

  for (const called of ['0', '', 'client.test']) {
    test(`${name}: V5-32: a port announced with the name "${called}" is the only one that is heard`, async (t) => {
      const server = await start(t);
      const echo = await udpEcho(t);
      const announced = ({ local }: UdpPeer) => addressBytes({ name: called, port: local.port });
      const each = await openAssociation(t, server.port, { announced });
      const other = await udpPeer(t);
      await other.send(datagram('early', echo.local), each.bound);
      await mustEcho(t, each, echo, 'announced');
      t.deepEqual((await endOf(server, each)).dropped, { stranger: 1 });
    });
  }

  test(`${name}: V5-32: an address announced from behind a NAT changes nothing, and its port says nothing`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const announced = () => addressBytes(at(9, '192.168.7.7'));
    const each = await openAssociation(t, server.port, { announced });
    await mustEcho(t, each, echo, 'translated');
    t.is((await endOf(server, each)).dropped, undefined);
  });

  test(`${name}: V5-33: fragments are dropped, and the association lives`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    for (const fragment of [1, 2, 127, 128, 129, 255]) {
      const bytes = datagram('piece', echo.local);
      bytes[2] = fragment;
      await each.udp.send(bytes, each.bound);
    }
    await mustEcho(t, each, echo, 'whole');
    t.deepEqual((await endOf(server, each)).dropped, { fragment: 6 });
    t.is((await echo.take(1))[0]?.bytes.toString(), 'whole');
  });

  test(`${name}: V5-35: what is no datagram of SOCKS is dropped without a word`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const good = datagram('x', echo.local);
    const broken = [
      ...Array.from({ length: 10 }, (_, length) => good.subarray(0, length)),
      Buffer.from('00000003', 'hex'),
      Buffer.from('0000000305616263', 'hex'),
      Buffer.concat([Uint8Array.of(1), good.subarray(1)]),
      Buffer.concat([Uint8Array.of(0, 1), good.subarray(2)]),
      ...[0, 2, 5, 255].map((atyp) =>
        Buffer.concat([good.subarray(0, 3), Uint8Array.of(atyp), good.subarray(4)]),
      ),
      datagram('x', { name: '127.1', port: echo.local.port }),
      datagram('x', { name: 'a b', port: echo.local.port }),
      datagram('x', { name: '', port: echo.local.port }),
      datagram('port zero', at(0)),
    ];
    for (const bytes of broken) await each.udp.send(bytes, each.bound);
    await mustEcho(t, each, echo, 'good');
    t.deepEqual((await endOf(server, each)).dropped, { malformed: broken.length });
  });

  test(`${name}: V5-35: what the rules deny is dropped, and the association lives`, async (t) => {
    const rules = section('', { request: '!assoc:127.0.0.3 !connect:127.0.0.1 assoc:127.0.0.0/8' });
    const server = await start(t, { policy: policy({ rules }) });
    const echo = await udpEcho(t);
    const hidden = await udpEcho(t, '127.0.0.3');
    const each = await openAssociation(t, server.port);
    await each.send('knock', hidden.local);
    await each.send('knock', at(53, '192.0.2.1'));
    await mustEcho(t, each, echo, 'allowed');
    await each.send('knock again', hidden.local);
    await mustEcho(t, each, echo, 'allowed');
    t.deepEqual((await endOf(server, each)).dropped, { denied: 3 });
  });

  test(`${name}: where no rule allows UDP anywhere, the client is told so`, async (t) => {
    const server = await start(t, { policy: policy({ rules: section('', { request: 'connect:*' }) }) });
    await t.throwsAsync(openAssociation(t, server.port), { message: 'REP 2' });
    t.is((await server.event('refused')).fault.code, 'REQUEST_DENIED');
  });

  test(`${name}: names that the rules deny are not looked up`, async (t) => {
    const dns = await namesFor(t, { 'secret.test': { a: ['127.0.0.1'] } });
    const rules = section('', { request: '!assoc:secret.test assoc:*' });
    const server = await start(t, { policy: policy({ rules }) }, dns);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    await each.send('?', { name: 'secret.test', port: echo.local.port });
    await mustEcho(t, each, echo, 'allowed');
    t.deepEqual((await endOf(server, each)).dropped, { denied: 1 });
    t.deepEqual(dns.queries, []);
  });

  withIpv6(`${name}: V5-36: answers bear their true source`, async (t) => {
    const server = await start(t);
    const targets = await Promise.all([udpEcho(t), udpEcho(t, '127.0.0.4'), udpEcho(t), udpEcho(t, '::1')]);
    const each = await openAssociation(t, server.port);
    for (const { local } of targets) await each.send(String(local.port), local);
    const answers = [await each.answer(), await each.answer(), await each.answer(), await each.answer()];
    for (const { source, payload } of answers) t.is(payload.toString(), String(source.port));
    t.deepEqual(
      answers.map(({ source }) => source.port).sort(),
      targets.map(({ local }) => local.port).sort(),
    );
    for (const { atyp, source } of answers) t.is(atyp, source.ip === '::1' ? 4 : 1);
  });

  test(`${name}: V5-37: a name is resolved, and its answers come from an address`, async (t) => {
    const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.1'] } });
    const server = await start(t, {}, dns);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const target = { name: 'Echo.Test', port: echo.local.port };
    for (const word of ['one', 'two', 'three']) await each.send(word, target);
    for (const word of ['one', 'two', 'three']) {
      const answer = await each.answer();
      t.deepEqual([answer.payload.toString(), answer.source], [word, echo.local]);
    }
    t.deepEqual(dns.queries.sort(), ['A echo.test', 'AAAA echo.test']);
  });

  test(`${name}: V5-18: an address in brackets as the name of a target is that address, for rules too`, async (t) => {
    const rules = section('', { request: '!assoc:127.0.0.2 assoc:*' });
    const server = await start(t, { policy: policy({ rules }) });
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    await each.send('denied', { name: '[::ffff:127.0.0.2]', port: echo.local.port });
    await each.send('six', { name: '[::ffff:127.0.0.1]', port: echo.local.port });
    t.like(await each.answer(), { source: echo.local, payload: Buffer.from('six') });
    t.deepEqual((await endOf(server, each)).dropped, { denied: 1 });
  });

  withIpv6(`${name}: V5-37: IPv6 is taken where a name has nothing else that is allowed`, async (t) => {
    const dns = await namesFor(t, {
      'six.test': { aaaa: ['::1'] },
      'both.test': { a: ['127.0.0.9'], aaaa: ['::1'] },
    });
    const rules = section('', { request: '!assoc:127.0.0.9 assoc:*' });
    const server = await start(t, { policy: policy({ rules }) }, dns);
    const echo = await udpEcho(t, '::1');
    const each = await openAssociation(t, server.port);
    for (const called of ['six.test', 'both.test']) {
      await each.send(called, { name: called, port: echo.local.port });
      const { payload, source } = await each.answer();
      t.deepEqual([payload.toString(), source], [called, echo.local]);
    }
  });

  test(`${name}: V5-37: names that lead nowhere, or where they must not, are dropped`, async (t) => {
    const dns = await namesFor(t, {
      'inside.test': { a: ['127.0.0.9'] },
      'empty.test': {},
      'last.test': { a: ['127.0.0.1'] },
    });
    const rules = section('', { request: '!assoc:127.0.0.9 assoc:*' });
    const server = await start(t, { policy: policy({ rules }) }, dns);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    for (const called of ['inside.test', 'empty.test', 'nothing.test']) {
      await each.send('?', { name: called, port: echo.local.port });
    }
    await each.send('!', { name: 'last.test', port: echo.local.port });
    t.is((await each.answer()).payload.toString(), '!');
    t.deepEqual((await endOf(server, each)).dropped, { denied: 1, unresolved: 2 });
  });

  test(`${name}: what waits for a name is bounded`, async (t) => {
    const dns = await namesFor(t, { 'slow.test': { a: 'silent', aaaa: 'silent' } });
    const server = await start(t, {}, dns);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    for (let count = 0; count < 70; count++) await each.send('?', { name: 'slow.test', port: 53 });
    await mustEcho(t, each, echo, 'others go on');
    t.deepEqual((await endOf(server, each)).dropped, { busy: 6 });
  });

  test(`${name}: V5-38: empty datagrams pass in both directions`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    await mustEcho(t, each, echo, '');
    t.is((await echo.take(1))[0]?.bytes.length, 0);
  });

  test(`${name}: V5-38: the largest datagrams pass; an answer that has no room for its header is dropped`, async (t) => {
    const server = await start(t);
    const target = await udpPeer(t);
    const each = await openAssociation(t, server.port);
    const largest = Buffer.alloc(65_507 - 10, 'x');
    await each.send(largest, target.local);
    const [arrived] = await target.take(1);
    t.true(arrived!.bytes.equals(largest));
    await target.send(Buffer.alloc(65_507), arrived!.from);
    await target.send(Buffer.alloc(65_507 - 9), arrived!.from);
    await target.send(largest, arrived!.from);
    t.true((await each.answer()).payload.equals(largest));
    t.deepEqual((await endOf(server, each)).dropped, { 'too-long': 2 });
  });

  withIpv6(`${name}: V5-39: the relay is at the address that the client dialled, in its range`, async (t) => {
    const ports = { low: 42_310, high: 42_329 };
    const server = await start(t, udpLimits({ ports }));
    const six = await server.server.listen(plainly(loopback(0, '::1')));
    const echo = await udpEcho(t);
    for (const [host, port] of [
      ['127.0.0.1', server.port],
      ['::1', six.port],
    ] as const) {
      const each = await openAssociation(t, port, { host });
      t.is(each.bound.ip, ip(host));
      t.true(each.bound.port >= ports.low && each.bound.port <= ports.high);
      t.deepEqual((await server.event('listening')).bound, each.bound);
      await mustEcho(t, each, echo, 'from either family');
      const seen = await sourceOf(echo);
      t.true(seen.port >= ports.low && seen.port <= ports.high);
    }
  });

  test(`${name}: V5-39: a client on this host is not told the public address`, async (t) => {
    const outside = { ...SNAPSHOT.outside, publicAddresses: [ip('2001:db8::7'), ip('192.0.2.7')] };
    const server = await start(t, { outside });
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    t.is(each.bound.ip, ip('127.0.0.1'));
    await mustEcho(t, each, echo, 'inside');
  });

  test(`${name}: V5-41: only those that the association has sent to are heard`, async (t) => {
    const server = await start(t);
    const target = await udpPeer(t);
    const each = await openAssociation(t, server.port);
    await each.send('hello', target.local);
    const outside = await sourceOf(target);
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const stranger = await udpPeer(t, host);
      await stranger.send('unasked', outside);
    }
    await target.send('asked', outside);
    t.is((await each.answer()).payload.toString(), 'asked');
    t.deepEqual((await endOf(server, each)).dropped, { stranger: 2 });
  });

  test(`${name}: V5-42: a target that does not exist harms nobody`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    for (const host of ['127.0.0.1', '::1']) {
      const gone = at(CLOSED_PORT, host);
      for (let count = 0; count < 3; count++) await each.send('anybody there?', gone);
    }
    await mustEcho(t, each, echo, 'alive');
  });

  test(`${name}: V5-43: bytes on the control connection mean nothing, however many`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const much = Buffer.alloc(1_048_576, 1);
    await new Promise((resolve) => each.wire.socket.write(much, resolve));
    await mustEcho(t, each, echo, 'unimpressed');
    t.is((await endOf(server, each)).endedBy, 'client-fin');
  });

  test(`${name}: V5-44: an IPv4-mapped target is IPv4, and answers say so`, async (t) => {
    const server = await start(t);
    const echo = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    const mapped = Buffer.from(`00000004 00000000000000000000ffff7f000001`.replace(' ', ''), 'hex');
    const port = Uint8Array.of(echo.local.port >> 8, echo.local.port & 0xff);
    await each.udp.send(Buffer.concat([mapped, port, Buffer.from('mapped')]), each.bound);
    const answer = await each.answer();
    t.deepEqual([answer.atyp, answer.source, answer.payload.toString()], [1, echo.local, 'mapped']);
  });

  withIpv6(`${name}: what goes out bears the configured source, and only in its family`, async (t) => {
    const server = await start(t, { policy: policy({ rules: section('', { source: '127.0.0.8' }) }) });
    const echo = await udpEcho(t);
    const six = await udpEcho(t, '::1');
    const each = await openAssociation(t, server.port);
    await each.send('six', six.local);
    await mustEcho(t, each, echo, 'four');
    t.is((await echo.take(1))[0]?.from.ip, ip('127.0.0.8'));
    t.deepEqual((await endOf(server, each)).dropped, { 'no-socket': 1 });
  });

  test(`${name}: an association in which nothing passes ends by its idle limit`, async (t) => {
    const server = await start(t, udpLimits({ idleTimeoutMs: 150 }));
    const each = await openAssociation(t, server.port);
    t.is((await server.event('ended')).endedBy, 'idle-timeout');
    t.is(await each.wire.ending(), 'fin');
    await mustBeFree(each.bound);
  });

  test(`${name}: a daemon that stops cuts its associations`, async (t) => {
    const server = await start(t);
    const each = await openAssociation(t, server.port);
    server.server.registry.cutAll();
    t.is((await server.event('ended')).endedBy, 'cut');
    t.is(await each.wire.ending(), 'reset');
    await mustBeFree(each.bound);
  });

  test(`${name}: over the limit of peers the one that was silent for longest is forgotten`, async (t) => {
    const server = await start(t, udpLimits({ maxPeers: 2 }));
    const first = await udpPeer(t);
    const second = await udpEcho(t);
    const third = await udpEcho(t);
    const each = await openAssociation(t, server.port);
    await each.send('hello', first.local);
    const outside = await sourceOf(first);
    await mustEcho(t, each, second, 'two');
    await first.send('still known', outside);
    t.is((await each.answer()).payload.toString(), 'still known');
    await mustEcho(t, each, third, 'three');
    await second.send('forgotten', outside);
    await first.send('kept', outside);
    t.is((await each.answer()).payload.toString(), 'kept');
    t.deepEqual((await endOf(server, each)).dropped, { stranger: 1 });
  });

  test(`${name}: a target that never answers cannot be flooded, through whichever of its ports`, async (t) => {
    const server = await start(t, udpLimits({ unansweredBytes: 1280, replyRatio: 2 }));
    const victim = await udpPeer(t);
    const neighbour = await udpPeer(t);
    const echo = await udpEcho(t, '127.0.0.5');
    const each = await openAssociation(t, server.port);
    // Each counts as 128 bytes, with 28 of headers.
    for (let count = 0; count < 8; count++) await each.send(Buffer.alloc(100), victim.local);
    for (let count = 0; count < 8; count++) await each.send(Buffer.alloc(100), neighbour.local);
    await mustEcho(t, each, echo, 'others are not concerned');
    const outside = await sourceOf(victim, 8);
    await neighbour.take(2);
    await victim.send(Buffer.alloc(100), outside);
    t.is((await each.answer()).payload.length, 100);
    for (let count = 0; count < 3; count++) await each.send('x'.repeat(100), victim.local);
    await victim.take(2);
    await mustEcho(t, each, echo, 'end');
    t.deepEqual((await endOf(server, each)).dropped, { unanswered: 7 });
  });

  test(`${name}: datagrams over the rate are dropped`, async (t) => {
    const server = await start(t, udpLimits({ packetsPerSecond: 2 }));
    const target = await udpPeer(t);
    const each = await openAssociation(t, server.port);
    for (let count = 0; count < 50; count++) await each.send('x', target.local);
    await target.take(2);
    const { dropped } = await endOf(server, each);
    t.true((dropped?.['rate'] ?? 0) >= 40, String(dropped?.['rate']));
  });

  test(`${name}: out of descriptors a client hears a general failure`, async (t) => {
    const starved = {
      name: transport.name,
      stalls: transport.stalls,
      own: transport.own,
      listen: transport.listen.bind(transport),
      listenOn: transport.listenOn.bind(transport),
      listenUnix: transport.listenUnix.bind(transport),
      openUdp: () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' })),
      departureTo: transport.departureTo.bind(transport),
      dial: transport.dial.bind(transport),
      relay: transport.relay.bind(transport),
      close: () => undefined,
    };
    const server = await startServer(starved);
    t.teardown(() => server.stop());
    const wire = await dialWire(server.port);
    await enter(wire);
    wire.send(Uint8Array.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0));
    t.is((await wire.rest()).toString('hex'), '05010001000000000000');
    t.is((await server.event('refused')).fault.code, 'RESOURCES_EXHAUSTED');
  });
}
