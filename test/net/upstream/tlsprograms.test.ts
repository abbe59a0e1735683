// Sessions through other people's proxies behind stunnel, to servers on loopback.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { WayChange } from '../../../src/net/routes/ways.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { createAuthority } from '../../support/certificates.ts';
import { routing } from '../../support/routes.ts';
import { startServerFor, type TestServer } from '../../support/server.ts';
import { listenTarget, type Target, type Wire } from '../../support/sockets.ts';
import { connectThrough } from '../../support/socks.ts';
import { echoServer } from '../../support/targets.ts';
import { transfer } from '../../support/transfer.ts';
import { transports } from '../../support/transports.ts';
import { startDante, startMicrosocks, startStunnel, startTinyproxy } from '../../support/upstreams.ts';

const authority = createAuthority();
const IDENTITY = authority.issue('IP:127.0.0.1');
const TRUST = createSecureContext({ ca: readFileSync(authority.file) });

const MIB = 1024 * 1024;

/** Of this process, which has both ends of most connections. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith('socket:')).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

async function listening(t: ExecutionContext): Promise<Target> {
  const target = await listenTarget();
  t.teardown(() => target.close());
  return target;
}

async function echoes(wire: Wire, said = 'ping'): Promise<boolean> {
  wire.send(said);
  return (await wire.take(said.length)).toString() === said;
}

for (const { name, create } of transports) {
  const transport: Transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  /** A server of ours whose only route leads through these proxies. */
  function front(t: ExecutionContext, proxies: string): Promise<TestServer> {
    return startServerFor(t, transport, { routing: { ...routing([`* any ${proxies}`]), trust: TRUST } });
  }

  const picosocks5 = async (t: ExecutionContext) => (await startServerFor(t, transport)).port;

  for (const [what, start, type] of [
    ['microsocks', startMicrosocks, '5S'],
    ['tinyproxy', startTinyproxy, 'HS'],
    ['danted', startDante, '5S'],
    ['picosocks5', picosocks5, '5S'],
  ] as const) {
    test(title(`${what} behind stunnel: bytes, FIN and a reset come through`), async (t) => {
      const stunnel = await startStunnel(t, IDENTITY, await start(t));
      const server = await front(t, `127.0.0.1 ${stunnel}/${type}`);
      const target = await listening(t);
      const client = await connectThrough(server.port, target.port);
      const far = await target.accept();
      client.send('request');
      t.is((await far.take(7)).toString(), 'request');
      far.socket.end('answer');
      t.is((await client.rest()).toString(), 'answer');
      client.socket.end();
      const { session, ...end } = await server.event('ended');
      t.deepEqual(
        [session.via, end.bytesUp, end.bytesDown, end.endedBy],
        [`127.0.0.1:${stunnel}/tls`, 7, 6, 'target-fin'],
      );
      const other = await connectThrough(server.port, target.port);
      const gone = await target.accept();
      other.socket.resetAndDestroy();
      await gone.ending();
      t.is((await server.event('ended')).endedBy, 'client-reset');
    });
  }

  test(
    title('an answer still comes when the client has sent FIN, for TLS has an end of each direction'),
    async (t) => {
      const stunnel = await startStunnel(t, IDENTITY, await startDante(t));
      // tinyproxy takes FIN for the end of both directions, and must not see it.
      const server = await front(t, `127.0.0.1 ${stunnel}/5S 127.0.0.1 ${await startTinyproxy(t)}/H`);
      const target = await listening(t);
      const client = await connectThrough(server.port, target.port);
      const far = await target.accept();
      client.socket.end('request');
      t.is((await far.rest()).toString(), 'request');
      far.socket.end('answer');
      t.is((await client.rest()).toString(), 'answer');
      t.is((await server.event('ended')).endedBy, 'client-fin');
    },
  );

  test(title('32 MiB in each direction at once through stunnel stay what they are'), async (t) => {
    const stunnel = await startStunnel(t, IDENTITY, await startDante(t));
    const server = await front(t, `127.0.0.1 ${stunnel}/5S`);
    const target = await listening(t);
    const client = await connectThrough(server.port, target.port);
    const far = await target.accept();
    const size = 32 * MIB;
    const [up, down] = await Promise.all([transfer(client, far, size), transfer(far, client, size)]);
    t.is(up.received, up.sent);
    t.is(down.received, down.sent);
    const end = await server.event('ended');
    t.deepEqual([end.bytesUp, end.bytesDown], [size, size]);
  });

  test(title('200 sessions at once, and nothing is left of them'), async (t) => {
    const echo = await echoServer(t);
    const stunnel = await startStunnel(t, IDENTITY, await picosocks5(t));
    const server = await front(t, `127.0.0.1 ${stunnel}/5S`);
    const wires = await Promise.all(Array.from({ length: 200 }, () => connectThrough(server.port, echo)));
    t.true((await Promise.all(wires.map((wire, at) => echoes(wire, `session ${at}`)))).every(Boolean));
    const descriptors = openSockets();
    for (const { socket } of wires) socket.end();
    t.deepEqual(await Promise.all(wires.map((wire) => wire.ending())), Array(200).fill('fin'));
    while (server.events.filter(({ kind }) => kind === 'ended').length < 200) await server.event('ended');
    t.true(openSockets() <= descriptors - 800, `${descriptors} sockets before, ${openSockets()} after`);
  });

  test(
    title('a proxy whose certificate is not trusted counts against its way, and the next one is gone'),
    async (t) => {
      const echo = await echoServer(t);
      const microsocks = await startMicrosocks(t);
      const strange = await startStunnel(t, createAuthority().issue('IP:127.0.0.1'), microsocks);
      const changes: WayChange[] = [];
      const routes = routing([`* any 127.0.0.1 ${strange}/5S | 127.0.0.1 ${microsocks}/5`], changes);
      const server = await startServerFor(t, transport, { routing: { ...routes, trust: TRUST } });
      const wire = await connectThrough(server.port, echo);
      t.true(await echoes(wire));
      wire.socket.end();
      t.is((await server.event('ended')).session.via, `127.0.0.1:${microsocks}`);
      const [change, ...more] = changes;
      t.is(change?.kind === 'down' ? change.fault.code : change, 'PROXY_TLS_FAILED');
      t.deepEqual([change?.via, more], [`127.0.0.1:${strange}/tls`, []]);
    },
  );

  test(title('a chain of three with TLS at the first, the second, the last and each of them'), async (t) => {
    const echo = await echoServer(t);
    const plain = [
      { port: await startDante(t), type: '5' },
      { port: await startTinyproxy(t), type: 'H' },
      { port: await startMicrosocks(t), type: '5' },
    ];
    const covered = await Promise.all(
      plain.map(async ({ port, type }) => ({
        port: await startStunnel(t, IDENTITY, port),
        type: `${type}S`,
      })),
    );
    for (const tls of ['100', '010', '001', '110', '111']) {
      const hops = plain.map((each, at) => (tls[at] === '1' ? covered[at]! : each));
      // A route is written from its far end.
      const words = hops.map(({ port, type }) => `127.0.0.1 ${port}/${type}`).reverse();
      const server = await front(t, words.join(' '));
      const wire = await connectThrough(server.port, echo);
      t.true(await echoes(wire, 'x'.repeat(100_000)), tls);
      wire.socket.end();
      t.is(await wire.ending(), 'fin', tls);
      t.is(
        (await server.event('ended')).session.via?.split('/tls').length,
        1 + tls.replaceAll('0', '').length,
      );
    }
  });
}
