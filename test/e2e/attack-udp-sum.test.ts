// What one client can do with many associations, beside a client with one: peers, and datagrams to somebody who did not ask for
// them, have a sum over all of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import { mustEcho, openAssociation, type Associated } from '../support/associations.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { residentBytes } from '../support/footprint.ts';
import { udpEcho, udpPeer, type UdpPeer } from '../support/udp.ts';

const CROWD = fileURLToPath(new URL('../support/udpcrowd.py', import.meta.url));
const HEADERS = 28;

/** So much heap ended a daemon whose peers were objects. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=96' };

/** 303 associations of 127.0.0.9 with 1024 targets each, which nobody reads; settles when all was sent. */
async function crowd(t: ExecutionContext, daemon: Daemon, sink: Endpoint): Promise<void> {
  const args = [daemon.port, '127.0.0.9', 303, 1024, sink.port].map(String);
  const child = spawn('python3', [CROWD, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const said = await Promise.race([
    once(child.stdout, 'data').then(String),
    once(child, 'exit').then(([code]) => `the crowd ended with ${String(code)}`),
    daemon.exited.then((status) => `the daemon ended with ${status}`),
  ]);
  if (said.trim() !== 'sent') throw new Error(said);
}

async function deathOf(daemon: Daemon): Promise<never> {
  throw new Error(`the daemon ended with ${await daemon.exited}`);
}

/** From where the daemon sends to `peer`. */
async function outsideOf(each: Associated, peer: UdpPeer): Promise<Endpoint> {
  await each.send('hello', peer.local);
  const [arrived] = await peer.take(1);
  return arrived!.from;
}

test.serial('300,000 peers of one client end no daemon, and push out none of another', async (t) => {
  const daemon = await startDaemon(t, [], { env: SMALL_HEAP });
  const sink = await udpPeer(t, '0.0.0.0');
  const peers = [await udpPeer(t), await udpPeer(t), await udpPeer(t)];
  const honest = await openAssociation(t, daemon.port);
  const outside = await Promise.all(peers.map((peer) => outsideOf(honest, peer)));
  const before = residentBytes(daemon);

  await crowd(t, daemon, sink.local);
  for (const [at, peer] of peers.entries()) {
    await peer.send(`still ${at}`, outside[at]!);
    const answer = await Promise.race([honest.answer(), deathOf(daemon)]);
    t.is(answer.payload.toString(), `still ${at}`);
  }
  await mustEcho(t, honest, await udpEcho(t), 'a new peer');
  await mustEcho(t, await openAssociation(t, daemon.port), await udpEcho(t), 'a new association');

  const grown = residentBytes(daemon) - before;
  t.log(`${Math.round(grown / 1024)} KiB more memory`);
  t.true(grown < 150 * 1_048_576, `${grown} bytes more`);
});

/** Bytes with headers that reach a peer. */
function countBytes({ socket }: UdpPeer): () => number {
  let sum = 0;
  socket.on('message', (bytes: Buffer) => (sum += bytes.length + HEADERS));
  return () => sum;
}

const LIMIT = 100_000;

/** An association of `source` that sends 40 KB to `victim`; settles when the daemon has seen all of it, by an echo. */
async function flood(t: ExecutionContext, daemon: Daemon, source: string, victim: UdpPeer): Promise<void> {
  const each = await openAssociation(t, daemon.port, { source });
  const echo = await udpEcho(t, '127.0.0.5');
  for (let count = 0; count < 40; count++) await each.send(Buffer.alloc(972), victim.local);
  await mustEcho(t, each, echo, 'seen');
  each.wire.socket.destroy();
}

test.serial(
  'a silent target gets no more than udp-unanswered, of 40 associations one after the other and two addresses',
  async (t) => {
    const daemon = await startDaemon(t, ['--udp-unanswered', String(LIMIT)]);
    const victim = await udpPeer(t, '127.0.0.6');
    const arrived = countBytes(victim);
    const honest = await openAssociation(t, daemon.port, { source: '127.0.0.3' });
    const echo = await udpEcho(t, '127.0.0.7');
    await mustEcho(t, honest, echo, 'before');
    for (let count = 0; count < 20; count++) {
      await flood(t, daemon, '127.0.0.1', victim);
      await flood(t, daemon, '127.0.0.2', victim);
    }
    await mustEcho(t, honest, echo, 'after');
    t.log(`${arrived()} of 1,600,000 bytes`);
    t.is(arrived(), LIMIT);
  },
);

test.serial('who floods a target that answers others does not shut them off from it', async (t) => {
  const daemon = await startDaemon(t, ['--udp-unanswered', String(LIMIT)]);
  const server = await udpPeer(t, '127.0.0.6');
  const arrived = countBytes(server);
  server.socket.on('message', (bytes: Buffer, { address, port }) => {
    if (bytes.length < 500) server.socket.send(bytes, port, address);
  });
  const early = await openAssociation(t, daemon.port, { source: '127.0.0.3' });
  await mustEcho(t, early, server, 'early');
  for (let count = 0; count < 4; count++) {
    await flood(t, daemon, '127.0.0.1', server);
    await flood(t, daemon, '127.0.0.2', server);
  }
  t.true(arrived() <= LIMIT + 2 * 4096 + 100, `${arrived()} bytes arrived`);
  const late = await openAssociation(t, daemon.port, { source: '127.0.0.4' });
  await mustEcho(t, late, server, 'late');
  for (let count = 0; count < 100; count++) await mustEcho(t, late, server, 'x'.repeat(400));
  await mustEcho(t, early, server, 'still');
});
