// BIND at the last proxy of a route: what the client is told, who comes, and what is left when it ends early.
import test, { type ExecutionContext } from 'ava';
import { formatEndpoint } from '../../src/base/ip.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { askBind, takeReply, takeSocks4Reply, type BindReply } from '../support/bind.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { loopback, SNAPSHOT, startServerFor } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { apart, transports } from '../support/transports.ts';
import { scriptedServer, startDante, startMicrosocks } from '../support/upstreams.ts';

const bindTimeoutMs = (milliseconds: number) => ({
  outside: { ...SNAPSHOT.outside, bindTimeoutMs: milliseconds },
});
const request = (rules: string) => ({ policy: policy({ rules: section('', { request: rules }) }) });

const take = (version: 4 | 5, wire: Wire): Promise<BindReply> =>
  version === 5 ? takeReply(wire) : takeSocks4Reply(wire);

/** From 203.0.113.1, at 127.0.0.1:PORT. */
const WAITS: readonly (number | string)[] = [3, '0500', 10, '050000017f0000011388'];

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = (t: ExecutionContext, changes: Partial<Snapshot> = {}) =>
    startServerFor(t, apart(transport), changes);

  /** A server whose every route leads through the proxies of `chain`, as a line of srelay.conf has them. */
  const startBefore = (t: ExecutionContext, chain: string, changes: Partial<Snapshot> = {}) =>
    start(t, { routing: routing([`* any ${chain}`]), ...changes });

  for (const version of [4, 5] as const) {
    for (const type of ['4', '5', 'S']) {
      test(title(`a client of SOCKS${version} meets its peer at a proxy of type ${type}`), async (t) => {
        const far = await start(t);
        const front = await startBefore(t, `127.0.0.1 ${far.port}/${type}`);
        const client = await askBind(front.port, { version, from: '127.0.0.1', early: 'early ' });
        const first = await take(version, client);
        const granted = version === 5 ? 0 : 0x5a;
        t.is(first.code, granted);
        t.deepEqual(first.bound, (await far.event('listening')).bound);
        t.deepEqual((await front.event('listening')).bound, first.bound);
        const peer = await dialWire(first.bound.port);
        const peerEnd = loopback(peer.socket.localPort!);
        t.deepEqual(await take(version, client), { code: granted, bound: peerEnd });
        peer.socket.end('from the peer');
        client.socket.end('from the client');
        t.is((await client.rest()).toString(), 'from the peer');
        t.is((await peer.rest()).toString(), 'early from the client');
        const { session } = await front.event('ended');
        t.is(session.via, `127.0.0.1:${far.port}`);
        t.deepEqual(session.dialled, peerEnd);
      });
    }
  }

  test(title('behind danted behind microsocks'), async (t) => {
    const [far, near] = [await startDante(t), await startMicrosocks(t)];
    const front = await startBefore(t, `127.0.0.1 ${far}/5 127.0.0.1 ${near}/5`);
    const client = await askBind(front.port, { from: '127.0.0.1' });
    const peer = await dialWire((await takeReply(client)).bound.port);
    t.deepEqual(await takeReply(client), { code: 0, bound: loopback(peer.socket.localPort!) });
    peer.send('from the peer');
    t.is((await client.take(13)).toString(), 'from the peer');
    client.socket.destroy();
  });

  test(title('a host that no route leads to is waited for here'), async (t) => {
    const front = await start(t, { routing: routing(['192.0.2.0/24 any 192.0.2.9 1080/5']) });
    const client = await askBind(front.port, { from: '127.0.0.1' });
    const peer = await dialWire((await takeReply(client)).bound.port);
    t.is((await takeReply(client)).bound.port, peer.socket.localPort!);
    client.socket.destroy();
    peer.socket.destroy();
    t.is((await front.event('ended')).session.via, undefined);
  });

  test(title('direct behind a proxy that does not answer: it is waited for here'), async (t) => {
    const line = '127.0.0.9 9 | direct';
    const client = await askBind((await startBefore(t, line)).port, { from: '127.0.0.1' });
    const peer = await dialWire((await takeReply(client)).bound.port);
    t.is((await takeReply(client)).bound.port, peer.socket.localPort!);
    client.socket.destroy();
    peer.socket.destroy();
    const request = section('', { request: '!bind:127.0.0.1 !bind:[::1] bind:*' });
    const front = await startBefore(t, line, { policy: policy({ rules: request }) });
    const name = Buffer.from('localhost');
    const from = Buffer.concat([Uint8Array.of(3, name.length), name]);
    t.is((await takeReply(await askBind(front.port, { from }))).code, 2);
  });

  test(title('a name travels to the proxy'), async (t) => {
    const proxy = await scriptedServer(t, [3, '0500', 18, '050000017f0000011388', '05000001cb0071010050']);
    const front = await startBefore(t, `127.0.0.1 ${proxy.port}/5`);
    const target = Buffer.from('target.test');
    const client = await askBind(front.port, {
      from: Buffer.concat([Uint8Array.of(3, target.length), target]),
    });
    t.is(formatEndpoint((await takeReply(client)).bound), '127.0.0.1:5000');
    t.is(formatEndpoint((await takeReply(client)).bound), '203.0.113.1:80');
    t.is(proxy.taken[0], `050100050200030b${target.toString('hex')}0000`);
    client.socket.destroy();
  });

  test(title('a name of this host is waited for here, and no proxy hears of it'), async (t) => {
    const proxy = await scriptedServer(t, WAITS);
    const front = await startBefore(t, `127.0.0.1 ${proxy.port}/5`);
    const target = Buffer.from('A.Localhost');
    const client = await askBind(front.port, {
      from: Buffer.concat([Uint8Array.of(3, target.length), target]),
    });
    const { bound } = await takeReply(client);
    t.is(formatEndpoint(bound).split(':')[0], '127.0.0.1');
    const peer = await dialWire(bound.port);
    t.is((await takeReply(client)).bound.port, peer.socket.localPort!);
    t.is(proxy.taken.join(''), '');
    for (const { socket } of [client, peer]) socket.destroy();
  });

  test(title('a proxy that has no BIND is told as REP 07'), async (t) => {
    const proxy = await scriptedServer(t, []);
    const front = await startBefore(t, `127.0.0.1 ${proxy.port}/H`);
    t.is((await takeReply(await askBind(front.port, { from: '127.0.0.1' }))).code, 7);
    t.is((await front.event('refused')).fault.code, 'COMMAND_UNSUPPORTED');
  });

  for (const [what, last, code, rep] of [
    ['refuses', '0502', 'PROXY_DENIED', 2],
    ['closes', 'fin', 'PROXY_CLOSED', 1],
    ['talks nonsense', '0400', 'PROXY_MALFORMED', 1],
  ] as const) {
    test(title(`a proxy that ${what} instead of a second reply is told as REP ${rep}`), async (t) => {
      const proxy = await scriptedServer(t, [...WAITS, last]);
      const front = await startBefore(t, `127.0.0.1 ${proxy.port}/5`);
      const client = await askBind(front.port, { from: '203.0.113.1' });
      t.is((await takeReply(client)).code, 0);
      t.is((await takeReply(client)).code, rep);
      t.is((await client.rest()).length, 0);
      t.is((await front.event('refused')).fault.code, code);
    });
  }

  test(title('nobody comes in time: REP 06, and the proxy hears of it'), async (t) => {
    const far = await start(t, bindTimeoutMs(60_000));
    const front = await startBefore(t, `127.0.0.1 ${far.port}/5`, bindTimeoutMs(1000));
    const client = await askBind(front.port, { from: '127.0.0.1' });
    t.is((await takeReply(client)).code, 0);
    t.is((await takeReply(client)).code, 6);
    t.is((await front.event('refused')).fault.code, 'BIND_TIMEOUT');
    t.regex((await far.event('refused')).fault.code, /CLIENT_CLOSED|PEER_RESET/);
  });

  test(title('a client that leaves frees the port of the proxy'), async (t) => {
    const far = await start(t);
    const front = await startBefore(t, `127.0.0.1 ${far.port}/5`);
    const client = await askBind(front.port, { from: '127.0.0.1' });
    t.is((await takeReply(client)).code, 0);
    client.socket.destroy();
    t.regex((await front.event('refused')).fault.code, /CLIENT_CLOSED|PEER_RESET/);
    t.regex((await far.event('refused')).fault.code, /CLIENT_CLOSED|PEER_RESET/);
  });

  test(title('whom the rules forbid is refused, told by the proxy or asked for'), async (t) => {
    const proxy = await scriptedServer(t, [...WAITS, '05000001cb0071010050']);
    const front = await startBefore(t, `127.0.0.1 ${proxy.port}/5`, request('!bind:203.0.113.0/24 bind:*'));
    const client = await askBind(front.port);
    t.is((await takeReply(client)).code, 0);
    t.is((await takeReply(client)).code, 2);
    t.is((await takeReply(await askBind(front.port, { from: '203.0.113.1' }))).code, 2);
    t.is(proxy.taken.length, 1);
  });

  test(title('the rules are asked about who came for a name that was looked up here, too'), async (t) => {
    const dns = await startDnsServer({ 'peer.test': { a: ['203.0.113.9'] } });
    t.teardown(() => dns.close());
    const proxy = await scriptedServer(t, [...WAITS, '05000001cb0071010050']);
    const line = `* any 127.0.0.1 ${proxy.port}/5 names=local`;
    const changes = { routing: routing([line]), ...request('!bind:203.0.113.1 bind:*') };
    const front = await startServerFor(t, apart(transport), changes, [dns.endpoint]);
    const name = Buffer.from('peer.test');
    const from = Buffer.concat([Uint8Array.of(3, name.length), name]);
    const client = await askBind(front.port, { from });
    t.is((await takeReply(client)).code, 0);
    t.is((await takeReply(client)).code, 2);
    t.is((await front.event('refused')).fault.code, 'REQUEST_DENIED');
  });

  test(title('a client of SOCKS4 cannot be told of a port with an IPv6 address'), async (t) => {
    const proxy = await scriptedServer(t, [3, '0500', 10, '0500000420010db80000000000000000000000011388']);
    const front = await startBefore(t, `127.0.0.1 ${proxy.port}/5`);
    t.is((await takeSocks4Reply(await askBind(front.port, { version: 4 }))).code, 0x5b);
    t.is((await front.event('refused')).fault.code, 'FAMILY_UNSUPPORTED');
  });
}
