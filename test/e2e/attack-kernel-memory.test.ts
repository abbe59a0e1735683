// Hundreds of clients of one network that never read, from a target that sends for ever: what the kernel holds for them is bounded,
// and neither who has paused a download nor who reads is ended for it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { hammer } from '../support/attackers.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { countersOf } from '../support/footprint.ts';
import { startFountain } from '../support/fountain.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';

const MiB = 1_048_576;
const BOUND_MIB = 32;
const ATTACKERS = 300;
const ATTACKING_ADDRESSES = 8;
/** What a stalled session holds at least, when it is lean: so many fit into the bound. */
const MOST_LEFT = 150;
const DOWNLOAD_BYTES = 32 * MiB;
/** Less than is allowed on a host that the attackers have made short of memory. */
const PAUSED_BYTES = MiB;

test.serial(
  'clients that never read hold no more than stalled-memory, and no client of another network gives way for them',
  async (t) => {
    const [fountain, file] = [await startFountain(t), await fileServer(t, DOWNLOAD_BYTES)];
    const daemon = await startDaemon(t, ['--loglevel', 'info', '--stalled-memory', `${BOUND_MIB}M`]);
    // Stalled longer than all others, but alone.
    const patient = await stall(t, daemon, await fileServer(t, PAUSED_BYTES), '127.1.0.1');
    const attackers = { allIn: false };
    const attack = hammer(ATTACKERS, 16, async (id) => {
      const from = `127.0.7.${1 + (id % ATTACKING_ADDRESSES)}`;
      await stall(t, daemon, fountain.port, from).catch((error: unknown) => t.log(String(error)));
    }).then(() => (attackers.allIn = true));
    let downloads = 0;
    for (; !attackers.allIn || downloads < 3; downloads++) await download(t, daemon, file);
    await attack;
    await fountain.stuck(0);
    await untilAtMost(MOST_LEFT, daemon);
    const heldMiB = await quietBytes(daemon.port, fountain.port);
    const { live } = await countersOf(daemon);

    const stalled = daemon.lines.filter((line) => line.includes(' why=stalled'));
    t.log(
      `${ATTACKERS} attackers: ${stalled.length} ended, ${live! - 1} left; the sockets of the daemon hold ` +
        `${heldMiB.toFixed(1)} of ${BOUND_MIB} MiB; ${downloads} downloads of 32 MiB meanwhile`,
    );
    t.true(stalled.length >= ATTACKERS - MOST_LEFT);
    t.deepEqual(
      stalled.filter((line) => !/ client=127\.0\.7\.\d+:/.test(line)),
      [],
    );
    t.deepEqual(
      firstEnded(stalled),
      [...firstEnded(stalled)].sort((one, other) => one - other),
      'longest first',
    );
    if (isEngine(daemon)) t.true(heldMiB < BOUND_MIB * 1.25, `${heldMiB} MiB`);
    patient.socket.resume();
    await patient.take(PAUSED_BYTES);
  },
);

/** Ids of sessions that ended first, by hundreds: those that came first have been stalled longest. */
function firstEnded(lines: readonly string[]): readonly number[] {
  const ids = lines.map((line) => Number(/ id=(\d+)/.exec(line)?.[1]));
  const third = Math.floor(ids.length / 3);
  const mean = (part: readonly number[]): number => part.reduce((sum, id) => sum + id, 0) / part.length;
  return [0, 1, 2].map((at) => mean(ids.slice(at * third, (at + 1) * third)));
}

/** A session that asks for everything and reads nothing. */
async function stall(t: ExecutionContext, daemon: Daemon, target: number, from: string): Promise<Wire> {
  const wire = await connectThrough(daemon.port, target, undefined, from);
  wire.socket.pause();
  t.teardown(() => wire.socket.destroy());
  return wire;
}

async function download(t: ExecutionContext, daemon: Daemon, file: number): Promise<void> {
  const { socket } = await connectThrough(daemon.port, file, undefined, '127.2.0.1');
  let got = 0;
  // A wire keeps what comes.
  socket.removeAllListeners('data');
  socket.on('data', (bytes) => (got += bytes.length));
  await once(socket, 'end');
  socket.destroy();
  // Those that came with the reply count too.
  t.true(got <= DOWNLOAD_BYTES && got > DOWNLOAD_BYTES - MiB, `${got} bytes`);
}

/** Sends so many bytes to each that comes; the port. */
async function fileServer(t: ExecutionContext, size: number): Promise<number> {
  const bytes = Buffer.alloc(size);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function untilAtMost(most: number, daemon: Daemon): Promise<void> {
  for (let tries = 0; (await countersOf(daemon))['live']! > most; tries++) {
    if (tries > 200) throw new Error('sessions that never read go on');
    await pause(50);
  }
}

/** Mebibytes that the daemon's sockets hold, once two looks have found the same. */
async function quietBytes(proxy: number, target: number): Promise<number> {
  for (let before = -1, now = socketBytes(proxy, target); ; before = now, now = socketBytes(proxy, target)) {
    if (now === before) return now / MiB;
    await pause(300);
  }
}

/** What the kernel says of them (SO_MEMINFO): received and not read, queued to be sent, set aside for either. */
function socketBytes(proxy: number, target: number): number {
  const filter = `( sport = :${proxy} or dport = :${target} )`;
  const text = execFileSync('ss', ['-tnmH', 'state', 'established', filter]).toString();
  let sum = 0;
  for (const [, received, ahead, queued] of text.matchAll(/skmem:\(r(\d+),.*?,f(\d+),w(\d+)/g)) {
    sum += Number(received) + Number(ahead) + Number(queued);
  }
  return sum;
}

function isEngine({ lines }: Daemon): boolean {
  return lines.some((line) => line.includes(' transport=engine'));
}
