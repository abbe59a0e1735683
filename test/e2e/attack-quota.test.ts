// Sixteen downloads at full speed, uploads and datagrams of a user with little left of a quota: how far all together get past it.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openAssociation } from '../support/associations.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { udpPeer } from '../support/udp.ts';

const MiB = 1_048_576;
const SESSIONS = 16;
const HONEST_BYTES = 32 * MiB;
/** Where nobody listens. */
const NOBODY = 1;
const CHUNK = Buffer.alloc(65_536);
const ANN = { user: 'ann', password: 'secret' };
const BEN = { user: 'ben', password: 'secret' };

/** Sends to everybody who sends something, for as long as anybody takes it, and takes what comes. */
async function fountain(t: ExecutionContext): Promise<number> {
  const sockets = new Set<Socket>();
  const pour = (socket: Socket): void => {
    while (socket.writable && socket.write(CHUNK));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('drain', () => pour(socket));
    socket.once('data', () => pour(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function start(t: ExecutionContext, ...limits: readonly string[]): Promise<Daemon> {
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, 'ann:staff:secret\nben:guests:secret\n');
  const args = limits.flatMap((limit) => ['--limit', limit]);
  const daemon = await startDaemon(t, ['--auth', users, '--allow-plaintext', ...args]);
  // Their logins are remembered from here on: seventeen at once are more than one address may have checked at a time.
  for (const login of [ANN, BEN]) {
    await t.throwsAsync(connectThrough(daemon.port, NOBODY, login), { message: 'REP 5' });
  }
  return daemon;
}

/** Takes and sends all that a session can until it is reset. */
async function gorge({ socket }: Wire): Promise<void> {
  const over = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  const pour = (): void => {
    while (socket.writable && socket.write(CHUNK));
  };
  socket.removeAllListeners('data').resume();
  socket.on('drain', pour);
  pour();
  if (!socket.closed) await over;
}

/** Bytes of so many sessions of ann that her quota has ended. */
async function bytesOf({ line }: Daemon, sessions: number): Promise<number> {
  let sum = 0;
  for (let each = 0; each < sessions; each++) {
    const record = await line(/ ended .*user=ann/);
    if (!/ why=quota/.test(record)) throw new Error(record);
    for (const [, bytes] of record.matchAll(/ (?:up|down)=(\d+)/g)) sum += Number(bytes);
  }
  return sum;
}

async function honest(proxy: number, target: number): Promise<void> {
  const { socket } = await connectThrough(proxy, target, BEN);
  socket.write('more');
  let bytes = 0;
  // A wire keeps what comes.
  socket.removeAllListeners('data');
  await new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error(`the session of ben ended after ${bytes} bytes`)));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes >= HONEST_BYTES) resolve();
    });
  });
  socket.destroy();
}

for (const limit of ['user:ann day=1M', 'user:ann month=1M', 'group:staff day=1M']) {
  test.serial(
    `${SESSIONS} sessions at full speed do not get past ${limit}, and others are as fast as ever`,
    async (t) => {
      const target = await fountain(t);
      const daemon = await start(t, limit);
      const connecting = Array.from({ length: SESSIONS }, () => connectThrough(daemon.port, target, ANN));
      const wires = await Promise.all(connecting);
      const startedAt = performance.now();
      await Promise.all([...wires.map(gorge), honest(daemon.port, target)]);
      const bytes = await bytesOf(daemon, SESSIONS);
      const seconds = (performance.now() - startedAt) / 1000;
      t.log(`${bytes - MiB} bytes over, all ended after ${seconds.toFixed(1)} s`);
      // What came with the request is read before the relay; nothing did here.
      t.true(bytes <= MiB + SESSIONS, `${bytes - MiB} bytes over`);
      t.true(bytes >= MiB - 1024 - SESSIONS, `${MiB - bytes} bytes short`);
      await t.throwsAsync(connectThrough(daemon.port, target, ANN), { message: 'REP 1' });
    },
  );
}

test.serial('datagrams get past a quota by one for each association at most', async (t) => {
  const daemon = await start(t, 'total day=300K');
  const size = 1400;
  const sink = await udpPeer(t);
  const association = await openAssociation(t, daemon.port, { login: ANN });
  const { socket } = association.wire;
  socket.on('error', () => undefined);
  while (!socket.closed) {
    await association.send(Buffer.alloc(size), sink.local);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const bytes = await bytesOf(daemon, 1);
  t.log(`${bytes - 300 * 1024} bytes over`);
  t.true(bytes < 300 * 1024 + size, `${bytes - 300 * 1024} bytes over`);
  t.true(bytes >= 299 * 1024 - 2, String(bytes));
});
