// The measurements that are not a race: start-up time, memory, held sessions, stalled readers, system calls.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { holdSessions, pipedBytes, runLoad, stallSessions, type Target } from './load.ts';
import type { Peer } from './peers.ts';
import { descriptorLimit, isTraced, ownBytes, pipesOf, processTree, rssBytes } from './proc.ts';
import type { Readings } from './samples.ts';
import { freePort, type Server } from './server.ts';
import { warmUp } from './workloads.ts';

const IDLE_SESSIONS = 10_000;
const HELD_SESSIONS = 20_000;
/** Of a rival, which may have a thread or a process for each: as many as show what one takes. */
const RIVAL_SESSIONS = 2000;
const STALLED_SESSIONS = 64;
/** Until socket buffers, which grow, and all that is behind them are full. */
const FILL_MS = 2000;
/** What a server may need besides two descriptors per session. */
const SPARE_DESCRIPTORS = 256;
const TRACED_CONNECTIONS = 2000;
const SETTLE_MS = 20_000;

/** From exec to the first accepted connection; starts and ends a server of its own. */
export async function readiness(peer: Peer, folder: string): Promise<Readings> {
  const port = await freePort();
  const result = await runLoad('ready', { proxy: port, seconds: 20 }, peer.command(port, folder));
  return { readyMs: result['readyMs']! };
}

/** Of a server that has been started and not used. */
export async function memoryAtRest(server: Server): Promise<Readings> {
  await settled(server);
  return { restMiB: ownBytes(server.pid) / 2 ** 20, restRssMiB: rssBytes(server.pid) / 2 ** 20 };
}

/** How many of `wanted` sessions the descriptors of one process allow here. */
export function sessionsPossible(wanted: number): number {
  return Math.min(wanted, Math.floor((descriptorLimit() - SPARE_DESCRIPTORS) / 2));
}

/** Memory that 10,000 idle sessions add, then 20,000 of them asked for one echo each: or as many as fit, or as a rival gets. */
export async function heldSessions(server: Server, target: Target): Promise<Readings> {
  await warmUp(server, target);
  await settled(server);
  const before = ownBytes(server.pid);
  const isRival = server.peer.role === 'rival';
  const idle = sessionsPossible(isRival ? RIVAL_SESSIONS : IDLE_SESSIONS);
  const most = sessionsPossible(isRival ? RIVAL_SESSIONS : HELD_SESSIONS);
  const held = holdSessions({ proxy: server.port, target: target.echo }, most);
  try {
    await held.open(idle);
    await settled(server);
    const idleKiB = (ownBytes(server.pid) - before) / idle / 1024;
    await held.open(most);
    const answered = await held.echo();
    const heldAnswered = (answered / most) * 100;
    return isRival ? { idleKiB, heldAnswered } : { idleKiB, heldSessions: most, heldAnswered };
  } finally {
    await held.close();
  }
}

/** What a server holds for a session whose client reads nothing: its memory, and what waits in its pipes. */
export async function stalledReaders(server: Server, target: Target): Promise<Readings> {
  await warmUp(server, target);
  const before = ownBytes(server.pid);
  const stalled = await stallSessions({ proxy: server.port, target: target.source }, STALLED_SESSIONS);
  try {
    await delay(FILL_MS);
    const held = ownBytes(server.pid) - before + (await pipedBytes(pipesOf(server.pid)));
    return { stalledMiB: held / STALLED_SESSIONS / 2 ** 20 };
  } finally {
    await stalled.close();
  }
}

/** Counted by strace over connections at 64 at a time; it slows the server and changes no count but waits. */
export async function systemCalls(server: Server, target: Target, folder: string): Promise<Readings> {
  await warmUp(server, target);
  const report = join(folder, `strace-${server.port}`);
  const pids = processTree(server.pid);
  const tracer = spawn('strace', ['-f', '-c', '-o', report, ...pids.flatMap((pid) => ['-p', `${pid}`])], {
    stdio: 'ignore',
  });
  const ended = once(tracer, 'exit');
  const giveUpAt = performance.now() + 10_000;
  while (!pids.every(isTraced) && performance.now() < giveUpAt) await delay(50);
  try {
    await runLoad('connect', {
      proxy: server.port,
      target: target.echo,
      total: TRACED_CONNECTIONS,
      'at-once': 64,
    });
    await delay(500);
  } finally {
    tracer.kill('SIGINT');
    await ended;
  }
  return { systemCalls: countCalls(readFileSync(report, 'utf8')) / TRACED_CONNECTIONS };
}

/** The calls column of the last line: `100.00 0.32 8 38093 2058 total`. */
function countCalls(report: string): number {
  const total = /^100\.00\s+\S+\s+(?:\d+\s+)?(\d+)\s+(?:\d+\s+)?total$/m.exec(report)?.[1];
  if (total === undefined) throw new Error('strace printed no total: is ptrace permitted?');
  return Number(total);
}

/** Returns when memory has stayed within 0.5 % for three seconds, or after twenty. */
async function settled(server: Server): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  let last = 0;
  let calm = 0;
  while (calm < 3 && performance.now() < giveUpAt) {
    await delay(1000);
    const now = ownBytes(server.pid);
    calm = Math.abs(now - last) < last * 0.005 ? calm + 1 : 0;
    last = now;
  }
}
