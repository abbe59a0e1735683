// What /proc tells of a process and everything that it forked: CPU time and resident memory.
import { readFileSync, readdirSync } from 'node:fs';

/** USER_HZ: the unit of utime and stime in /proc/PID/stat, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The pids of a process and all its living descendants; empty once it has ended. */
export function processTree(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    readText(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return readText(`/proc/${pid}/stat`) === '' ? [] : [pid, ...children.flatMap(processTree)];
}

/** User and system seconds of the tree; children that have ended and were waited for are in it. */
export function cpuSeconds(pid: number): number {
  const ticks = processTree(pid).map((member) => {
    // The command name is in parentheses and may hold spaces; utime stime cutime cstime are fields 14 to 17.
    const fields = readText(`/proc/${member}/stat`).split(') ').at(-1)!.split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, some) => sum + some, 0) / TICKS_PER_SECOND;
}

/**
 * Resident bytes of the tree. `Pss` divides a page by the number of processes that map it, strangers included; `Rss`
 * counts it whole in each.
 */
export function residentBytes(pid: number, kind: 'Pss' | 'Rss'): number {
  const line = new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm');
  return processTree(pid)
    .map((member) => Number(line.exec(readText(`/proc/${member}/smaps_rollup`))?.[1] ?? 0))
    .reduce((sum, kib) => sum + kib * 1024, 0);
}

/** Whether a tracer is attached to every thread of the process. */
export function isTraced(pid: number): boolean {
  return threadsOf(pid).every(
    (thread) => !/^TracerPid:\t0$/m.test(readText(`/proc/${pid}/task/${thread}/status`)),
  );
}

/** Descriptors that a process may have at most here, whoever starts it. */
export function descriptorLimit(): number {
  const hard = /^Max open files\s+\d+\s+(\d+)/m.exec(readText('/proc/self/limits'))?.[1];
  return hard === undefined ? 1024 : Number(hard);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process has ended in the meantime. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
