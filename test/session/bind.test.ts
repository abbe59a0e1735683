// BIND as its clients and their peers see it, over every transport.
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { plainly } from '../../src/net/layer.ts';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import type { Leg, Transport } from '../../src/net/transport.ts';
import type { Outside, Snapshot } from '../../src/session/session.ts';
import { askBind, takeReply, takeSocks4Reply } from '../support/bind.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, SNAPSHOT, startServerFor, type TestServer } from '../support/server.ts';
import { dialWire, listenTarget, Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { onLinuxInTurn } from '../support/needing.ts';

const outside = (changes: Partial<Outside>) => ({ outside: { ...SNAPSHOT.outside, ...changes } });
const request = (rules: string) => ({ policy: policy({ rules: section('', { request: rules }) }) });

/** Connects from a certain address of this host; whoever is not welcome may be reset before connect(2) returns. */
function comeFrom(address: string, port: number): Wire {
  return new Wire(connect({ host: '127.0.0.1', port, localAddress: address, allowHalfOpen: true }));
}

/** The transport, with clients that seem to come from `address`; the peers of BIND come from where they do. */
function disguise(transport: Transport, address: string): Transport {
  const remote = loopback(1000, address);
  return {
    name: transport.name,
    stalls: transport.stalls,
    own: transport.own,
    listen: (at, onLeg, options = {}) => {
      const meet = (leg: Leg): void => onLeg(Object.defineProperty(leg, 'remote', { value: remote }));
      return transport.listen(at, options.firstWord === 'either' ? onLeg : meet, options);
    },
    listenOn: (...args) => transport.listenOn(...args),
    listenUnix: (...args) => transport.listenUnix(...args),
    openUdp: (...args) => transport.openUdp(...args),
    departureTo: (...args) => transport.departureTo(...args),
    dial: (...args) => transport.dial(...args),
    relay: (...args) => transport.relay(...args),
    close: () => transport.close(),
  };
}

/** Whether nobody listens at the port any more. */
async function isGone(port: number): Promise<boolean> {
  const wire = await dialWire(port).catch(() => undefined);
  wire?.socket.destroy();
  return wire === undefined;
}

const descriptors = () => readdirSync('/proc/self/fd').length;

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = (t: ExecutionContext, changes: Partial<Snapshot> = {}) =>
    startServerFor(t, transport, changes);

  test(title('V5-23: two replies, first the port, then the peer'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { code, bound } = await takeReply(client);
    t.is(code, 0);
    t.is(bound.ip, ip('127.0.0.1'));
    t.deepEqual((await server.event('listening')).bound, bound);
    const peer = await dialWire(bound.port);
    const peerEnd = loopback(peer.socket.localPort!);
    t.deepEqual(await takeReply(client), { code: 0, bound: peerEnd });
    t.deepEqual((await server.event('connected')).bound, bound);
    peer.socket.end('from the peer');
    client.socket.end('from the client');
    t.is((await client.rest()).toString(), 'from the peer');
    t.is((await peer.rest()).toString(), 'from the client');
    const { session, bytesUp, bytesDown } = await server.event('ended');
    t.deepEqual([session.command, bytesUp, bytesDown], ['bind', 15, 13]);
    t.deepEqual(session.dialled, peerEnd);
  });

  test(title('V4-6: two replies of SOCKS4'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { version: 4, from: '127.0.0.1' });
    const { code, bound } = await takeSocks4Reply(client);
    t.deepEqual([code, bound.ip], [0x5a, ip('127.0.0.1')]);
    const peer = await dialWire(bound.port);
    t.deepEqual(await takeSocks4Reply(client), { code: 0x5a, bound: loopback(peer.socket.localPort!) });
    peer.socket.end('hello');
    t.is((await client.take(5)).toString(), 'hello');
    client.socket.end();
    await server.event('ended');
  });

  test(title('V5-24: a stranger is sent away, and the wait goes on'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.3' });
    const { bound } = await takeReply(client);
    const stranger = comeFrom('127.0.0.2', bound.port);
    const { peer, fault } = await server.event('stranger');
    t.deepEqual([peer.ip, fault.code], [ip('127.0.0.2'), 'STRANGER']);
    t.is(await stranger.ending(), 'reset');
    const expected = comeFrom('127.0.0.3', bound.port);
    t.is((await takeReply(client)).bound.ip, ip('127.0.0.3'));
    expected.socket.end('data');
    t.is((await client.rest()).toString(), 'data');
    client.socket.end();
  });

  test(title('V4-6: a stranger ends a wait of SOCKS4'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { version: 4, from: '127.0.0.3' });
    const { bound } = await takeSocks4Reply(client);
    const stranger = comeFrom('127.0.0.2', bound.port);
    t.is((await takeSocks4Reply(client)).code, 0x5b);
    t.is(await client.ending(), 'fin');
    t.is(await stranger.ending(), 'reset');
    t.is((await server.event('refused')).fault.code, 'STRANGER');
    t.true(await isGone(bound.port));
  });

  test(title('V5-24: anybody may come to an unspecified address, as far as the rules allow'), async (t) => {
    const server = await start(t, request('!bind:127.0.0.2 bind:127.0.0.0/8'));
    const client = await askBind(server.port);
    const { bound } = await takeReply(client);
    const denied = comeFrom('127.0.0.2', bound.port);
    t.is(await denied.ending(), 'reset');
    t.is((await server.event('stranger')).fault.code, 'REQUEST_DENIED');
    const peer = comeFrom('127.0.0.77', bound.port);
    t.is((await takeReply(client)).bound.ip, ip('127.0.0.77'));
    peer.socket.destroy();
    client.socket.destroy();
  });

  for (const [rules, from] of [
    ['!bind:127.0.0.3 all:*', '127.0.0.3'],
    ['connect:*', '127.0.0.3'],
    ['connect:*', '0.0.0.0'],
  ] as const) {
    test(title(`"${rules}" opens no port for ${from}`), async (t) => {
      const server = await start(t, request(rules));
      const client = await askBind(server.port, { from });
      t.is((await takeReply(client)).code, 2);
      t.is(await client.ending(), 'fin');
      t.is((await server.event('refused')).fault.code, 'REQUEST_DENIED');
      t.false(server.events.some(({ kind }) => kind === 'listening'));
    });
  }

  test(title('the guard keeps peers of this host from clients of the Internet'), async (t) => {
    const open = policy({ rules: section('', { network: '*' }) });
    const server = await startServerFor(t, disguise(transport, '203.0.113.5'), { policy: open });
    const named = await askBind(server.port, { from: '127.0.0.1' });
    t.is((await takeReply(named)).code, 2);
    t.is((await server.event('refused')).fault.code, 'GUARD_DENIED');
    const client = await askBind(server.port);
    const { bound } = await takeReply(client);
    t.is(await comeFrom('127.0.0.1', bound.port).ending(), 'reset');
    t.is((await server.event('stranger')).fault.code, 'GUARD_DENIED');
    client.socket.destroy();
  });

  test(title('a peer may be named: its addresses may come'), async (t) => {
    const server = await start(t);
    const from = Buffer.from('\u0003\u0009localhost');
    const client = await askBind(server.port, { from });
    const { bound } = await takeReply(client);
    t.is(bound.ip, ip('127.0.0.1'));
    t.is(await comeFrom('127.0.0.2', bound.port).ending(), 'reset');
    const peer = await dialWire(bound.port);
    t.is((await takeReply(client)).code, 0);
    peer.socket.destroy();
    client.socket.destroy();
  });

  test(title('a name that nobody can look up is told so'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: Buffer.from('\u0003\u000cnobody.local') });
    t.is((await takeReply(client)).code, 4);
    t.is(await client.ending(), 'fin');
  });

  test(title('V5-25: nobody comes in time: REP 06 as second reply'), async (t) => {
    const server = await start(t, outside({ bindTimeoutMs: 100 }));
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    t.deepEqual(await takeReply(client), { code: 6, bound: loopback(0, '0.0.0.0') });
    t.is(await client.ending(), 'fin');
    t.is((await server.event('refused')).fault.code, 'BIND_TIMEOUT');
    t.true(await isGone(bound.port));
  });

  test(title('V4-7: nobody comes in time: 5B as second reply of SOCKS4'), async (t) => {
    const server = await start(t, outside({ bindTimeoutMs: 100 }));
    const client = await askBind(server.port, { version: 4, from: '127.0.0.1' });
    await takeSocks4Reply(client);
    t.is((await takeSocks4Reply(client)).code, 0x5b);
    t.is(await client.ending(), 'fin');
  });

  test(title('V5-26: one peer enters, and nobody after it'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    const peer = await dialWire(bound.port);
    await takeReply(client);
    t.true(await isGone(bound.port));
    peer.send('still there');
    t.is((await client.take(11)).toString(), 'still there');
    peer.socket.destroy();
    client.socket.destroy();
  });

  for (const [how, leave, code] of [
    ['FIN', (wire: Wire) => wire.socket.end(), 'CLIENT_CLOSED'],
    ['reset', (wire: Wire) => wire.socket.resetAndDestroy(), 'PEER_RESET'],
  ] as const) {
    test(title(`V5-27: a client that leaves by ${how} gives the port back at once`), async (t) => {
      const server = await start(t);
      const client = await askBind(server.port, { from: '127.0.0.1' });
      const { bound } = await takeReply(client);
      leave(client);
      t.is((await server.event('refused')).fault.code, code);
      t.true(await isGone(bound.port));
      t.is(server.server.registry.size, 0);
    });
  }

  test(title('V5-28: what the client sends early is the first that the peer gets'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1', early: 'with the request, ' });
    const { bound } = await takeReply(client);
    client.send('while waiting, ');
    const peer = await dialWire(bound.port);
    await takeReply(client);
    client.socket.end('and after');
    t.is((await peer.rest()).toString(), 'with the request, while waiting, and after');
    peer.socket.end();
    await server.event('ended');
  });

  test(title('V5-29: the wanted port, where it is free'), async (t) => {
    // Below the ports that other tests get from the system.
    const server = await start(t, outside({ bindPorts: { low: 21_000, high: 32_000 } }));
    const wanted = randomInt(21_000, 32_000);
    const first = await askBind(server.port, { from: '127.0.0.1', port: wanted });
    t.is((await takeReply(first)).bound.port, wanted);
    const second = await askBind(server.port, { from: '127.0.0.1', port: wanted });
    const { code, bound } = await takeReply(second);
    t.is(code, 0);
    t.not(bound.port, wanted);
    first.socket.destroy();
    second.socket.destroy();
  });

  test(
    title('V5-29: a wanted port that is no ephemeral one is left alone, and another is told'),
    async (t) => {
      const server = await start(t);
      const wanted = randomInt(21_000, 32_000);
      const { low, high } = readEphemeralPorts();
      const client = await askBind(server.port, { from: '127.0.0.1', port: wanted });
      const { code, bound } = await takeReply(client);
      t.is(code, 0);
      t.true(bound.port >= low && bound.port <= high, String(bound.port));
      const peer = await dialWire(bound.port);
      t.is((await takeReply(client)).code, 0);
      for (const { socket } of [client, peer]) socket.destroy();
    },
  );

  test(title('V5-30: ports are of the range; 01 where all are taken'), async (t) => {
    const busy = await listenTarget();
    t.teardown(() => busy.close());
    const server = await start(t, outside({ bindPorts: { low: busy.port, high: busy.port } }));
    const client = await askBind(server.port, { from: '127.0.0.1', port: 21 });
    t.is((await takeReply(client)).code, 1);
    t.is((await server.event('refused')).fault.code, 'PORT_UNAVAILABLE');
    // Below the ports that other tests get from the system.
    const roomy = await start(t, outside({ bindPorts: { low: 20_000, high: 20_063 } }));
    const lucky = await askBind(roomy.port, { from: '127.0.0.1', port: 21 });
    const { port } = (await takeReply(lucky)).bound;
    t.true(port >= 20_000 && port <= 20_063, String(port));
    lucky.socket.destroy();
  });

  test(title('V5-30: waits at the address of bind, and tells it where that is loopback'), async (t) => {
    const server = await start(
      t,
      outside({ bindAddresses: [ip('127.0.0.44')], publicAddresses: [ip('203.0.113.7'), ip('2001:db8::7')] }),
    );
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    t.is(bound.ip, ip('127.0.0.44'));
    const peer = await dialWire(bound.port, '127.0.0.44');
    t.is((await takeReply(client)).code, 0);
    peer.socket.destroy();
    client.socket.destroy();
  });

  const IPV6_LOOPBACK = Buffer.from(`04${'0'.repeat(31)}1`, 'hex');

  withIpv6(
    title('V5-30: it waits where the kernel’s route to the peer begins, wherever the client has come to'),
    async (t) => {
      const server = await start(t);
      const others = await Promise.all(
        ['127.0.0.9', '::1'].map((host) => server.server.listen(plainly(loopback(0, host)))),
      );
      for (const [{ port }, host] of [[others[0]!, '127.0.0.9'] as const, [others[1]!, '::1'] as const]) {
        for (const [from, expected] of [
          ['127.0.0.1', '127.0.0.1'] as const,
          [IPV6_LOOPBACK, '::1'] as const,
        ]) {
          const client = await askBind(port, { host, from });
          const { code, bound } = await takeReply(client);
          t.deepEqual([code, bound.ip], [0, ip(expected)]);
          const peer = await dialWire(bound.port, expected);
          t.deepEqual(await takeReply(client), {
            code: 0,
            bound: loopback(peer.socket.localPort!, expected),
          });
          peer.socket.destroy();
          client.socket.destroy();
        }
      }
    },
  );

  test(title('V5-30: for anybody it waits where the client has come to'), async (t) => {
    const server = await start(t);
    const { port } = await server.server.listen(plainly(loopback(0, '127.0.0.9')));
    const client = await askBind(port, { host: '127.0.0.9' });
    t.is((await takeReply(client)).bound.ip, ip('127.0.0.9'));
    client.socket.destroy();
  });

  withIpv6(
    title('V5-30: a family that connections may not have, BIND has not either, except at bind'),
    async (t) => {
      const lacking = await start(t, { family: '4' });
      const client = await askBind(lacking.port, { from: IPV6_LOOPBACK });
      t.is((await takeReply(client)).code, 8);
      const ready = await start(t, { family: '4', ...outside({ bindAddresses: [ip('::1')] }) });
      const meeting = await askBind(ready.port, { from: IPV6_LOOPBACK });
      t.is((await takeReply(meeting)).bound.ip, ip('::1'));
      meeting.socket.destroy();
    },
  );

  withIpv6(title('IPv6 peers of IPv6 clients'), async (t) => {
    const server = await start(t);
    const { port } = await server.server.listen(plainly(loopback(0, '::1')));
    const client = await askBind(port, { host: '::1', from: Buffer.from(`04${'0'.repeat(32)}`, 'hex') });
    const { bound } = await takeReply(client);
    t.is(bound.ip, ip('::1'));
    const peer = await dialWire(bound.port, '::1');
    t.deepEqual(await takeReply(client), { code: 0, bound: loopback(peer.socket.localPort!, '::1') });
    peer.socket.destroy();
    client.socket.destroy();
  });

  test(title('stop() ends a wait'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    await server.server.stop(0);
    t.is((await client.rest()).length, 0);
    t.is((await server.event('refused')).fault.code, 'SHUTTING_DOWN');
    t.true(await isGone(bound.port));
  });

  onLinuxInTurn(title('no ending leaves a descriptor'), async (t) => {
    const server = await start(t, outside({ bindTimeoutMs: 250 }));
    await endings(server);
    const before = descriptors();
    for (let round = 0; round < 10; round++) await endings(server);
    t.true(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
  });

  onLinuxInTurn(title('a crowd of strangers neither gets in nor uses up descriptors'), async (t) => {
    const server = await start(t);
    const client = await askBind(server.port, { from: '127.0.0.1' });
    const { bound } = await takeReply(client);
    const before = descriptors();
    const crowd = Array.from({ length: 300 }, () => comeFrom('127.0.0.2', bound.port));
    const ends = await Promise.all(crowd.map((each) => each.ending()));
    t.true(ends.every((how) => how === 'reset'));
    await new Promise(setImmediate);
    t.true(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
    const peer = await dialWire(bound.port);
    t.is((await takeReply(client)).code, 0);
    t.is((await server.event('stranger')).count, 1);
    t.is((await server.event('stranger')).count, 299);
    peer.socket.destroy();
    client.socket.destroy();
  });
}

/** Every way in which a wait can end, once; all that the test itself opened is closed. */
async function endings(server: TestServer): Promise<void> {
  const [timeout, closed, reset, served, cut] = await Promise.all(
    Array.from({ length: 5 }, () => askBind(server.port, { from: '127.0.0.1' })),
  );
  const bounds = await Promise.all([timeout, closed, reset, served, cut].map((wire) => takeReply(wire!)));
  closed!.socket.end();
  reset!.socket.resetAndDestroy();
  const peer = await dialWire(bounds[3]!.bound.port);
  await takeReply(served!);
  peer.socket.end();
  served!.socket.end();
  const last = [...server.server.registry.list()].at(-1);
  last?.handshake?.deadline.end(new Fault('SHUTTING_DOWN'));
  await Promise.all([timeout, closed, served, cut].map((wire) => wire!.ending()));
  await peer.ending();
  await server.server.registry.emptied();
  for (const wire of [timeout, closed, served, cut]) wire!.socket.destroy();
  peer.socket.destroy();
  await new Promise(setImmediate);
}
