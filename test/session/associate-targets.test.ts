// UDP ASSOCIATE towards targets: names, addresses, and the limits of an association.
import test, { type ExecutionContext } from 'ava';
import { mustEcho, openAssociation } from '../support/associations.ts';
import { startDnsServer, type DnsRecord, type DnsServer } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { policy, section } from '../support/policy.ts';
import { startServer } from '../support/server.ts';
import { enter } from '../support/socks.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer } from '../support/udp.ts';
import { endOf, sourceOf, startOver, udpLimits } from '../support/session/udpsources.ts';

async function namesFor(t: ExecutionContext, table: Record<string, DnsRecord>): Promise<DnsServer> {
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  return dns;
}

for (const { name, create } of transports) {
  const transport = create();

  const start = startOver(transport);

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
