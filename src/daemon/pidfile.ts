// The pid file: says that this daemon runs, and keeps a second one from starting with the same file.
// It appears whole or not at all (link(2)), is replaced by one process at most, and stays the property of who
// created it: a service account that could rewrite it would choose whom `kill $(cat FILE)` of root ends.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { systemReason } from '../config/systemreason.ts';
import { EXIT, StartFailure } from './exit.ts';
import { isAlive, startTimeMs } from './processes.ts';

export interface PidFile {
  /** Whole sentences for the operator. */
  readonly warnings: readonly string[];
  /** The predecessor will end: the file is ours now. */
  confirm(): void;
  /**
   * Names the predecessor again, until confirm(). Else removes the file unless somebody replaced it. Where the service account may not, or a chroot hides the path, it
   * is emptied instead, and the sentence that says so is returned.
   */
  release(): string | undefined;
}

/**
 * Creates `path` with the pid of this process. StartFailure (71) when a living daemon holds it, when it cannot be
 * created, or when what is there is no pid file. What a dead daemon left is replaced, with a warning unless empty, and so
 * is, without one, that of the daemon `predecessor` (a pid), which still lives.
 */
export function acquirePidFile(path: string, predecessor?: number): PidFile {
  const draft = `${path}.${process.pid}`;
  try {
    attempt(`create the pid file ${path}`, () => writeDraft(draft));
    const warnings = publish(draft, path, predecessor);
    // Stays open until release(), which may come after the drop.
    const descriptor = attempt(`open the pid file ${path}`, () => openSync(draft, 'r+'));
    let owner = predecessor;
    return {
      warnings,
      confirm: () => (owner = undefined),
      release: () => (owner === undefined ? release(path, descriptor) : giveBack(descriptor, owner)),
    };
  } finally {
    discard(draft);
  }
}

const PID_FILE_MODE = 0o644;

/** Writes the content under another name, so that nobody sees the file without it. */
function writeDraft(draft: string): void {
  // A file of this name can only be left from an earlier process with our pid.
  discard(draft);
  const descriptor = openSync(draft, 'wx', PID_FILE_MODE);
  try {
    // The umask of the daemon is 027, but everybody may ask whether it runs.
    fchmodSync(descriptor, PID_FILE_MODE);
    writeSync(descriptor, `${process.pid}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** Rounds of "is there, now it is gone" before giving up; each needs another start at the same instant. */
const PUBLISH_ROUNDS = 10;

/** Gives the draft its final name, which only one process can; returns warnings. */
function publish(draft: string, path: string, predecessor: number | undefined): string[] {
  const warnings: string[] = [];
  for (let round = 0; round < PUBLISH_ROUNDS; round += 1) {
    if (link(draft, path) === 'linked') return warnings;
    const replaced = removeStale(path, predecessor);
    if (replaced !== undefined) warnings.push(replaced);
  }
  throw failure(`cannot create the pid file ${path}: others keep creating and removing it`);
}

/** Removes what a dead process left at `path`; a warning when it was not empty. Throws when its owner lives. */
function removeStale(path: string, predecessor: number | undefined): string | undefined {
  const old = attempt(`read the pid file ${path}`, () => openOld(path));
  if (old === undefined) return undefined;
  try {
    // Open until the end: the inode cannot be given to a new file while we compare numbers.
    const stats = fstatSync(old);
    const pid = readPid(path, old, stats);
    if (pid !== undefined && pid !== predecessor && isOwner(pid, stats)) {
      throw failure(`already running as pid ${pid}, says ${path}: stop it first, or choose another pidfile`);
    }
    attempt(`replace the stale pid file ${path}`, () => removeExactly(path, stats));
    return pid === undefined || pid === predecessor
      ? undefined
      : `replaced the stale pid file ${path}: its process ${pid} has ended`;
  } finally {
    closeSync(old);
  }
}

/** Opens without following a link and without waiting for a pipe; undefined when it has just gone. */
function openOld(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) === 'ELOOP') throw foreign(path);
    throw error;
  }
}

/** Room for a pid and some white space of whoever edited the file. */
const MAX_CONTENT_BYTES = 32;

/**
 * The pid in the file; undefined when release() emptied it, or a crash of the host left NUL bytes. Anything else is
 * not ours to remove: a mistyped `pidfile` could name the configuration.
 */
function readPid(path: string, descriptor: number, stats: Stats): number | undefined {
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
function isOwner(pid: number, file: Stats): boolean {
  if (pid === process.pid || !isAlive(pid)) return false;
  const startedMs = startTimeMs(pid);
  return startedMs === undefined || startedMs <= file.mtimeMs + START_TIME_TOLERANCE_MS;
}

/**
 * Unlinks `path` only if it is still the file of `stats`. unlink(2) cannot compare, so the right to do it is a second
 * name, which one process at a time can create; without it two starts could remove each other's fresh file.
 */
function removeExactly(path: string, stats: Stats): void {
  const claim = `${path}.stale`;
  const claimed = link(path, claim);
  if (claimed === 'gone') return;
  if (claimed === 'taken') {
    throw failure(
      `another start is replacing the stale pid file ${path} now; if none is, remove ${claim} and start again`,
    );
  }
  try {
    if (isSame(lstatSync(claim), stats)) unlinkSync(path);
  } finally {
    unlinkSync(claim);
  }
}

function release(path: string, descriptor: number): string | undefined {
  try {
    removeOwn(path, descriptor);
    if (fstatSync(descriptor).nlink === 0) return undefined;
    ftruncateSync(descriptor, 0);
    return `emptied the pid file ${path}, because this account may not remove it; the next start replaces it`;
  } finally {
    closeSync(descriptor);
  }
}

function giveBack(descriptor: number, predecessor: number): undefined {
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, `${predecessor}\n`, 0);
  closeSync(descriptor);
}

function removeOwn(path: string, descriptor: number): void {
  try {
    if (isSame(lstatSync(path), fstatSync(descriptor))) unlinkSync(path);
  } catch {
    // No right to the folder, or no such path in the chroot: the count of links tells release() what is left.
  }
}

/** Gives the file `existing` a second name, unless that is taken or the file has just gone (link(2)). */
function link(existing: string, name: string): 'linked' | 'taken' | 'gone' {
  return attempt(`create ${name}`, () => {
    try {
      linkSync(existing, name);
      return 'linked';
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'taken';
      if (codeOf(error) === 'ENOENT') return 'gone';
      throw error;
    }
  });
}

/** Removes a draft, if there is one. Whether it is gone shows when the next one is created. */
function discard(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // Usually ENOENT.
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function foreign(path: string): StartFailure {
  return failure(
    `cannot use ${path} as the pid file: what is there is no pid file; remove it or choose another`,
  );
}

function failure(message: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, message, cause);
}

function attempt<Result>(doing: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw failure(`cannot ${doing}: ${systemReason(error)}`, error);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
