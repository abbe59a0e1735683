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
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { attempt, errnoNameOf, osFailure } from './osfailure.ts';
import { isOwner, openOld, readPid } from './pidcontent.ts';

export interface PidFile {
  /** We serve: from now on nothing may write to the file, this process included, and a predecessor is named no more. */
  readonly confirm: () => void;
  /**
   * Removes the file if it is still ours. Until confirm() it names the predecessor again instead, and is emptied where this account
   * may not remove it. A sentence where it stays.
   */
  readonly release: () => string | undefined;
}

/**
 * Creates `path` with the pid of this process. StartFailure (71) when a living daemon holds it, when it cannot be created, or
 * when what is there is no pid file. The file of a dead daemon is replaced, and so is that of the daemon `predecessor` (a pid),
 * which still lives.
 */
export function acquirePidFile(path: string, predecessor?: number): PidFile {
  const draft = `${path}.${process.pid}`;
  const writable = attempt(`create the pid file ${path}`, () => openDraft(draft));
  try {
    attempt(`write the pid file ${path}`, () => writeSync(writable, `${process.pid}\n`));
    const isSucceeding = publishDraft(draft, path, predecessor);
    const reading = attempt(`read the pid file ${path}`, () => openPublished(path, writable));
    return new Published(path, { writable, reading }, isSucceeding ? predecessor : undefined);
  } catch (error) {
    closeSync(writable);
    throw error;
  } finally {
    discard(draft);
  }
}

class Published implements PidFile {
  readonly #path: string;
  readonly #reading: number;
  /** Closed before the first byte of a client is read: the service account would inherit the right to write. */
  #writable: number | undefined;
  readonly #predecessor: number | undefined;

  constructor(
    path: string,
    { reading, writable }: { readonly reading: number; readonly writable: number },
    predecessor: number | undefined,
  ) {
    this.#path = path;
    this.#reading = reading;
    this.#writable = writable;
    this.#predecessor = predecessor;
  }

  confirm(): void {
    if (this.#writable !== undefined) closeSync(this.#writable);
    this.#writable = undefined;
  }

  release(): string | undefined {
    try {
      return this.#giveUp();
    } finally {
      this.confirm();
      closeSync(this.#reading);
    }
  }

  #giveUp(): string | undefined {
    if (this.#writable !== undefined && this.#predecessor !== undefined) {
      ftruncateSync(this.#writable, 0);
      writeSync(this.#writable, `${this.#predecessor}\n`, 0);
      return undefined;
    }
    removeOwn(this.#path, this.#reading);
    if (fstatSync(this.#reading).nlink === 0) return undefined;
    if (this.#writable !== undefined) ftruncateSync(this.#writable, 0);
    const what = this.#writable === undefined ? 'left' : 'emptied';
    return `${what} the pid file ${this.#path}, which this account may not remove or a chroot hides; the next start replaces it`;
  }
}

const PID_FILE_MODE = 0o644;

/**
 * An empty file under another name, so that readers never see the file without its content. It is never opened for writing again.
 */
function openDraft(draft: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  // A file of this name can only be left from an earlier process with our pid.
  discard(draft);
  const descriptor = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PID_FILE_MODE);
  // The umask of the daemon is 027, but every account may check whether it runs.
  fchmodSync(descriptor, PID_FILE_MODE);
  return descriptor;
}

/** Rounds of "is there, now it is gone" before giving up; each needs another start at the same instant. */
const PUBLISH_ROUNDS = 10;

/** Gives the draft its final name, which only one process can; whether the file of the predecessor had to go for that. */
function publishDraft(draft: string, path: string, predecessor: number | undefined): boolean {
  let isSucceeding = false;
  for (let round = 0; round < PUBLISH_ROUNDS; round += 1) {
    if (link(draft, path) === 'linked') return isSucceeding;
    const removed = removeStale(path, predecessor);
    isSucceeding ||= removed !== undefined && removed === predecessor;
  }
  throw osFailure(`cannot create the pid file ${path}: others keep creating and removing it`);
}

/** Reopens the published file. link(2) takes a name, and another process may have replaced the file. */
function openPublished(path: string, writable: number): number {
  const descriptor = openOld(path);
  if (descriptor !== undefined && isSameFile(fstatSync(descriptor), fstatSync(writable))) return descriptor;
  if (descriptor !== undefined) closeSync(descriptor);
  throw osFailure(`cannot create the pid file ${path}: somebody else has replaced it at the same moment`);
}

/** Removes what a dead process, or the predecessor, left at `path`, and gives the pid in it. Throws when its owner lives. */
function removeStale(path: string, predecessor: number | undefined): number | undefined {
  const old = attempt(`read the pid file ${path}`, () => openOld(path));
  if (old === undefined) return undefined;
  try {
    // Open until the end: the inode cannot be given to a new file while we compare numbers.
    const stats = fstatSync(old);
    const pid = readPid(path, old, stats);
    if (pid !== undefined && pid !== predecessor && isOwner(pid, stats)) {
      throw osFailure(
        `already running as pid ${pid}, says ${path}: stop it first, or choose another pidfile`,
      );
    }
    attempt(`replace the stale pid file ${path}`, () => removeExactly(path, stats));
    return pid;
  } finally {
    closeSync(old);
  }
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
    throw osFailure(
      `another start is replacing the stale pid file ${path} now; if none is, remove ${claim} and start again`,
    );
  }
  try {
    if (isSameFile(lstatSync(claim), stats)) unlinkSync(path);
  } finally {
    unlinkSync(claim);
  }
}

function removeOwn(path: string, descriptor: number): void {
  try {
    if (isSameFile(lstatSync(path), fstatSync(descriptor))) unlinkSync(path);
  } catch {
    // No right to the folder, or no such path in the chroot: the link count tells whether it is left.
  }
}

/** Gives the file `existing` a second name, unless that is taken or the file has just gone (link(2)). */
function link(existing: string, name: string): 'linked' | 'taken' | 'gone' {
  return attempt(`create ${name}`, () => {
    try {
      linkSync(existing, name);
      return 'linked';
    } catch (error) {
      if (errnoNameOf(error) === 'EEXIST') return 'taken';
      if (errnoNameOf(error) === 'ENOENT') return 'gone';
      throw error;
    }
  });
}

/** Removes a draft of ours, if there is one. Whether it is gone shows when the next one is created. */
function discard(draft: string): void {
  try {
    const stats = lstatSync(draft);
    if (stats.isFile() && stats.uid === process.geteuid?.()) unlinkSync(draft);
  } catch {
    // Usually ENOENT.
  }
}

function isSameFile(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
