// BIND as its clients and their peers see it, over every transport.
import test, { type ExecutionContext } from 'ava';
import type { Leg, Transport } from '../../src/net/transport.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { askBind, takeReply, takeSocks4Reply } from '../support/bind.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, startServerFor } from '../support/server.ts';
import { dialWire, Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { outside, comeFrom, isGone } from '../support/session/bindpeers.ts';

const request = (rules: string) => ({ policy: policy({ rules: section('', { request: rules }) }) });

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
}
