// Whether another process lives and since when, by kill(2) and /proc/PID/stat (proc(5)).
import { readFileSync } from 'node:fs';

/** Whether a process has this pid; a zombie has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to another account.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return readStat(pid)?.state !== 'Z';
}

/** When the process started, in ms since 1970, right to about one second; undefined where /proc does not tell. */
export function startTimeMs(pid: number): number | undefined {
  const stat = readStat(pid);
  const bootSeconds = /^btime (\d+)$/m.exec(readProc('/proc/stat') ?? '')?.[1];
  if (stat === undefined || bootSeconds === undefined) return undefined;
  return Number(bootSeconds) * 1000 + stat.startTicks * MS_PER_TICK;
}

export interface ProcessStat {
  /** One letter, `Z` is a zombie. */
  readonly state: string;
  /** Clock ticks from boot to the start of the process. */
  readonly startTicks: number;
}

/** Reads the line of /proc/PID/stat; the command in it may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = Number(fields[START_TIME_FIELD - FIRST_FIELD_AFTER_COMMAND]);
  return state === undefined || !Number.isSafeInteger(startTicks) ? undefined : { state, startTicks };
}

const START_TIME_FIELD = 22;
const FIRST_FIELD_AFTER_COMMAND = 3;

/** USER_HZ, which Linux fixes at 100 for what it shows to programs on every machine that Node runs on. */
const MS_PER_TICK = 10;

function readStat(pid: number): ProcessStat | undefined {
  const line = readProc(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseStat(line);
}

/** A file of /proc as byte string; undefined where it cannot be read, because its process has gone, for instance. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
