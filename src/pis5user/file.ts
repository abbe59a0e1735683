// The user file on disk: read whole, replaced atomically. Text is byte strings (base/bytes.ts).
// The new text goes to FILE.lock, opened exclusively, which then takes the name of FILE: a daemon reads the old file
// or the new one, never half of one, and of two pis5user at work the second one is told.
import { closeSync, fchmodSync, fchownSync, fsyncSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { renameSync, unlinkSync, writeFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { systemReason } from '../config/values/systemreason.ts';
import { Pis5userFailure, STATUS } from './failure.ts';

const NEW_FILE_MODE = 0o640;

/** The text of the file; for one that does not exist and may be created, nothing. Throws a Pis5userFailure. */
export function readUsers(file: string, missingFile: 'create' | 'fail'): string {
  try {
    return statUsers(file) === undefined && missingFile === 'create' ? '' : readFileSync(file, 'latin1');
  } catch (cause) {
    if (cause instanceof Pis5userFailure) throw cause;
    const hint = isFileMissing(cause) && missingFile === 'fail' ? ' (add --create makes a new one)' : '';
    throw new Pis5userFailure(STATUS.NO_INPUT, `cannot read ${file}: ${systemReason(cause)}${hint}`);
  }
}

/** Replaces the text by `edit` of it, keeping mode and owner. Throws a Pis5userFailure; then the file is as it was. */
export function changeUsers(
  file: string,
  missingFile: 'create' | 'fail',
  edit: (text: string) => string,
): void {
  const lock = `${file}.lock`;
  const descriptor = openLock(lock);
  try {
    const text = edit(readUsers(file, missingFile));
    writeLock(descriptor, text, statUsers(file));
    renameSync(lock, file);
  } catch (cause) {
    unlinkSync(lock);
    if (cause instanceof Pis5userFailure) throw cause;
    throw new Pis5userFailure(STATUS.CANNOT_CREATE, `cannot write ${file}: ${systemReason(cause)}`);
  } finally {
    closeSync(descriptor);
  }
  syncFolder(dirname(file));
}

/** undefined when there is no such file. A link is refused: replacing it would cut it, and following it may be a trap. */
function statUsers(file: string): Stats | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile()) return stat;
  const what = stat.isSymbolicLink()
    ? 'it is a symbolic link; name the file itself'
    : 'it is not a regular file';
  throw new Pis5userFailure(STATUS.NO_INPUT, `will not use ${file}: ${what}`);
}

function isFileMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT';
}

function openLock(lock: string): number {
  try {
    return openSync(lock, 'wx', 0o600);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const hint = exists ? '; if no other pis5user is at work, one was killed: remove it' : '';
    throw new Pis5userFailure(STATUS.CANNOT_CREATE, `cannot create ${lock}: ${systemReason(cause)}${hint}`);
  }
}

function writeLock(descriptor: number, text: string, old: Stats | undefined): void {
  writeFileSync(descriptor, text, 'latin1');
  // The owner first: a change of owner may clear bits of the mode.
  if (old !== undefined) fchownSync(descriptor, old.uid, old.gid);
  fchmodSync(descriptor, (old?.mode ?? NEW_FILE_MODE) & 0o7777);
  fsyncSync(descriptor);
}

/** Makes the new name last through a power cut. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
