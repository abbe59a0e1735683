// `make profile`: where the daemon's time and memory go under one kind of load, as flame graphs. Usage:
// tsx bench/profile.ts [connect|bulk|upload|echo|udp] [--seconds N] [--transport engine|streams] [--out FOLDER]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { holdSessions, startTarget, type Target } from './load.ts';
import { drawFlames, topFrames } from './profile/flame.ts';
import { recordThreads } from './profile/perf.ts';
import {
  stacksOfCpuProfile,
  stacksOfHeapProfile,
  stacksOfThreads,
  type CpuProfile,
  type Frame,
  type HeapProfile,
} from './profile/stacks.ts';
import { LOADS, prepareLoad, startSubject, type Subject } from './profile/subject.ts';

const HELD_SESSIONS = 2000;
/** The addon, whose threads relay. */
const ADDON = 'picosocks5.node';
const TOP = 8;

const milliseconds = (value: number): string => `${(value / 1000).toFixed(0)} ms`;
const kibibytes = (value: number): string => `${(value / 1024).toFixed(0)} KiB`;
const samples = (value: number): string => `${value} samples`;

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      transport: { type: 'string', default: 'engine' },
      out: { type: 'string', default: 'build/profile' },
    },
    allowPositionals: true,
  });
  const name = positionals[0] ?? 'connect';
  const load = LOADS[name];
  if (load === undefined) throw new Error(`${name}: known loads are ${Object.keys(LOADS).join(', ')}`);
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 60)) throw new Error(`--seconds ${values.seconds}: write 1 to 60`);
  if (!existsSync('build/bench/load')) throw new Error('build/bench/load is missing: run `make profile`');
  const folder = join(values.out, `${name}-${values.transport}`);
  mkdirSync(folder, { recursive: true });
  const target = await startTarget();
  const subject = await startSubject(values.transport);
  try {
    const drive = await prepareLoad(load, subject.port, target);
    await profileMain(subject, folder, () => drive(seconds));
    await profileThreads(subject, folder, () => drive(seconds));
    await profileHeld(subject, folder, target);
  } finally {
    await subject.stop();
    await target.stop();
  }
  console.log(
    `\nwritten to ${folder}: open *.svg in a browser, *.cpuprofile and *.heapprofile in its developer tools`,
  );
}

/** Time and allocations of JavaScript, one after the other: each would show in the other. */
async function profileMain(subject: Subject, folder: string, work: () => Promise<void>): Promise<void> {
  const cpu = (await subject.profile('cpu', work)) as CpuProfile;
  writeFileSync(join(folder, 'main.cpuprofile'), JSON.stringify(cpu));
  leave(join(folder, 'main.svg'), stacksOfCpuProfile(cpu, 'CPU time of the main thread'), milliseconds);
  const heap = (await subject.profile('allocations', work)) as HeapProfile;
  leaveHeap(join(folder, 'allocations'), heap, 'allocated, garbage too');
}

/** What is in C, and in threads of its own. */
async function profileThreads(subject: Subject, folder: string, work: () => Promise<void>): Promise<void> {
  try {
    const script = await recordThreads(subject.pid, join(folder, 'perf.data'), work);
    const frames = stacksOfThreads(script, ADDON, 'CPU time of the relay threads');
    if (frames.value === 0) console.log('\nrelay threads: perf saw none at work (only the engine has them)');
    else leave(join(folder, 'relay.svg'), frames, samples);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.log(`\nrelay threads: not profiled, perf cannot be used here (${why})`);
    console.log(
      '  install it (Debian: linux-perf) and run this as root, or set kernel.perf_event_paranoid to 1',
    );
  }
}

/** What idle sessions keep of the heap of JavaScript; what the addon keeps is not in it. */
async function profileHeld(subject: Subject, folder: string, target: Target): Promise<void> {
  const held = holdSessions({ proxy: subject.port, target: target.echo }, HELD_SESSIONS);
  try {
    const heap = (await subject.profile('held', () => held.open(HELD_SESSIONS))) as HeapProfile;
    leaveHeap(join(folder, 'held'), heap, `kept by ${HELD_SESSIONS} idle sessions`);
  } finally {
    await held.close();
  }
}

function leaveHeap(base: string, profile: HeapProfile, title: string): void {
  writeFileSync(`${base}.heapprofile`, JSON.stringify(profile));
  leave(`${base}.svg`, stacksOfHeapProfile(profile.head, title), kibibytes);
}

/** The graph, and the first of it in words. */
function leave(file: string, frames: Frame, format: (value: number) => string): void {
  writeFileSync(file, drawFlames(frames, format));
  console.log(`\n${frames.name}: ${format(frames.value)} (${file})`);
  for (const line of topFrames(frames, TOP)) console.log(`  ${line}`);
}
