// What /proc tells of a process and everything that it forked: CPU time and resident memory.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** USER_HZ: the unit of utime and stime in /proc/PID/stat, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The pids of a process and all its living descendants; empty once it has ended. */
export function processTree(pid: number): number[] {
  const children = namesIn(`/proc/${pid}/task`).flatMap((thread) =>
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

/** Seconds that all processors together have worked since the host was started: of programs and of the kernel. */
export function busySeconds(): number {
  // cpu user nice system idle iowait irq softirq steal ...: idle, iowait and what a hypervisor took away are not work.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readText('/proc/stat')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** /proc/PID/fd/N of each pipe that the tree has, once for each pipe. */
export function pipesOf(pid: number): string[] {
  const pipes = new Map<string, string>();
  for (const member of processTree(pid)) {
    for (const descriptor of namesIn(`/proc/${member}/fd`)) {
      const path = `/proc/${member}/fd/${descriptor}`;
      const target = targetOf(path);
      if (target?.startsWith('pipe:') === true) pipes.set(target, path);
    }
  }
  return [...pipes.values()];
}

/**
 * Resident bytes of the tree as on a host where no other program runs the same executable: its pages count whole, once,
 * and of every other mapping the proportional share (Pss). Plain Pss would divide the node binary by the number of Node
 * programs that run at the moment, this one included, and change by megabytes as they come and go.
 */
export function ownBytes(pid: number): number {
  const members = processTree(pid).map(memoryOf);
  const sharedOfExecutable = Math.max(0, ...members.map((member) => member.executableShared));
  return members.reduce(
    (sum, member) => sum + member.elsewhere + member.executablePrivate,
    sharedOfExecutable,
  );
}

/** Resident bytes of the tree, every page counted whole in each process that maps it. */
export function rssBytes(pid: number): number {
  return processTree(pid)
    .map((member) => kibOf(readText(`/proc/${member}/smaps_rollup`), 'Rss') * 1024)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** Whether a tracer is attached to every thread of the process. */
export function isTraced(pid: number): boolean {
  return namesIn(`/proc/${pid}/task`).every(
    (thread) => !/^TracerPid:\t0$/m.test(readText(`/proc/${pid}/task/${thread}/status`)),
  );
}

/** Descriptors that a process may have at most here, whoever starts it. */
export function descriptorLimit(): number {
  const hard = /^Max open files\s+\d+\s+(\d+)/m.exec(readText('/proc/self/limits'))?.[1];
  return hard === undefined ? 1024 : Number(hard);
}

interface Memory {
  /** Pages of the executable that another process maps too, in bytes; and those that none does. */
  readonly executableShared: number;
  readonly executablePrivate: number;
  /** Pss of all other mappings. */
  readonly elsewhere: number;
}

/** Reads /proc/PID/smaps (proc(5)): a header line with the path for each mapping, then `Name: N kB` lines. */
function memoryOf(pid: number): Memory {
  const executable = targetOf(`/proc/${pid}/exe`);
  const memory = { executableShared: 0, executablePrivate: 0, elsewhere: 0 };
  for (const mapping of readText(`/proc/${pid}/smaps`).split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const header = mapping.slice(0, mapping.indexOf('\n'));
    if (executable === undefined || !header.endsWith(` ${executable}`)) {
      memory.elsewhere += kibOf(mapping, 'Pss') * 1024;
      continue;
    }
    const shared = kibOf(mapping, 'Shared_Clean') + kibOf(mapping, 'Shared_Dirty');
    memory.executableShared += shared * 1024;
    memory.executablePrivate += (kibOf(mapping, 'Rss') - shared) * 1024;
  }
  return memory;
}

function kibOf(smaps: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(smaps)?.[1] ?? 0);
}

/** Of a link of /proc; undefined when it has gone in the meantime. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
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
