// The content of a pid file.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { attempt, errnoNameOf, osFailure } from './osfailure.ts';
import type { StartFailure } from './exit.ts';
import { isAlive, startTimeMs } from './processes.ts';

/** The pid that `path` names; undefined where there is no file, or an empty one. StartFailure (71) for anything else. */
export function readPidFile(path: string): number | undefined {
  const descriptor = attempt(`read the pid file ${path}`, () => openOld(path));
  if (descriptor === undefined) return undefined;
  try {
    return readPid(path, descriptor, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Opens without following a link and without waiting for a pipe; undefined when it has just gone. */
export function openOld(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoNameOf(error) === 'ENOENT') return undefined;
    if (errnoNameOf(error) === 'ELOOP') throw foreign(path);
    throw error;
  }
}

/** Room for a pid and some white space of an editor. */
const MAX_CONTENT_BYTES = 32;

/**
 * The pid in the file; undefined when release() emptied it, or a crash of the host left NUL bytes. Anything else is
 * not ours to remove: a mistyped `pidfile` could name the configuration.
 */
export function readPid(path: string, descriptor: number, stats: Stats): number | undefined {
  if (!stats.isFile() || stats.size > MAX_CONTENT_BYTES) throw foreign(path);
  const bytes = Buffer.alloc(MAX_CONTENT_BYTES);
  const size = attempt(`read the pid file ${path}`, () => readSync(descriptor, bytes));
  const content = bytes.toString('latin1', 0, size).replace(/^[\0\s]+|\s+$/g, '');
  if (content === '') return undefined;
  if (/^[1-9]\d{0,6}$/.test(content)) return Number(content);
  throw foreign(path);
}

/** The start time comes from whole seconds of /proc/stat. */
const START_TIME_TOLERANCE_MS = 2000;

/** Whether `pid` wrote the file: it lives, is not us (containers reuse small pids), and is not younger than the file. */
export function isOwner(pid: number, file: Stats): boolean {
  if (pid === process.pid || !isAlive(pid)) return false;
  const startedMs = startTimeMs(pid);
  return startedMs === undefined || startedMs <= file.mtimeMs + START_TIME_TOLERANCE_MS;
}

function foreign(path: string): StartFailure {
  return osFailure(
    `cannot use ${path} as the pid file: what is there is no pid file; remove it or choose another`,
  );
}
