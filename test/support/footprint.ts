// What a running daemon holds: by /proc, and by its own counters.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';

const GIVEN_BACK_LIMIT_MS = 15_000;
const CLOCK_TICK_MS = 10;

export function descriptorsOf({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** VmRSS in bytes. */
export function residentBytes({ pid }: Daemon): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Processor time of all its threads since the start, in milliseconds. */
export function cpuMs({ pid }: Daemon): number {
  // The second field, the name, may hold blanks: utime and stime are the 12th and 13th behind it (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** The counters of SIGUSR1, by name. */
export async function countersOf({ line, signal }: Daemon): Promise<Readonly<Record<string, number>>> {
  const next = line(/ counters /);
  signal('SIGUSR1');
  const fields = (await next).matchAll(/ ([\w-]+)=(\d+)/g);
  return Object.fromEntries(Array.from(fields, ([, name, value]) => [name!, Number(value)]));
}

/** Settles when the daemon has `live` sessions; rejects after 15 s. */
export async function untilLive(daemon: Daemon, live: number): Promise<void> {
  await until(`${live} live sessions`, async () => (await countersOf(daemon))['live'] === live);
}

/** Settles when no session is left and no more than `descriptors` are open; rejects after 15 s. */
export async function untilGivenBack(daemon: Daemon, descriptors: number): Promise<void> {
  await untilLive(daemon, 0);
  await until(`${descriptors} descriptors`, () => descriptorsOf(daemon) <= descriptors);
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + GIVEN_BACK_LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`the daemon has not come to ${what}`);
    await pause(50);
  }
}
