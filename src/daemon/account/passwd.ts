// The user and group databases (passwd(5), group(5), LDAP ...): through `posix`, and through getent(1) where that
// does not load. getent also confirms each "unknown": posix throws the same way for unknown and for "could not ask".
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { loadPosix, type Posix } from '../unix/posix.ts';

export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
}

/** Looks up a user by name, or by uid when given a number. StartFailure when no database can be asked. */
export function findPasswdEntry(nameOrUid: string | number): PasswdEntry | undefined {
  const known = askPosix((posix) => posix.getpwnam(nameOrUid));
  if (known !== undefined) return { name: known.name, uid: known.uid, gid: known.gid };
  const fields = askGetent('passwd', String(nameOrUid));
  if (fields?.[0] === undefined) return undefined;
  return { name: fields[0], uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Looks up a group by name. StartFailure when no database can be asked. */
export function findGroup(name: string): GroupEntry | undefined {
  const known = askPosix((posix) => posix.getgrnam(name));
  if (known !== undefined) return { name: known.name, gid: known.gid };
  const fields = askGetent('group', name);
  if (fields?.[0] === undefined) return undefined;
  return { name: fields[0], gid: Number(fields[2]) };
}

function askPosix<Entry>(look: (posix: Posix) => Entry): Entry | undefined {
  const posix = loadPosix();
  if (posix === undefined) return undefined;
  try {
    return look(posix);
  } catch {
    return undefined;
  }
}

/** Paths of getent(1); the inherited PATH is not trusted. */
const GETENT_PATHS = ['/usr/bin/getent', '/bin/getent', '/run/current-system/sw/bin/getent'];

const GETENT_TIMEOUT_MS = 10_000;

/** getent(1) exit status for "no such key". */
const GETENT_UNKNOWN = 2;

/** The fields of the entry of `key`, undefined when there is none. */
function askGetent(database: 'passwd' | 'group', key: string): string[] | undefined {
  // An option is not a name, and getent would read NUL and ":" in its own way.
  if (!/^[^-:\0\n][^:\0\n]*$/.test(key)) return undefined;
  const getent = GETENT_PATHS.find((path) => existsSync(path));
  if (getent === undefined)
    throw unavailable(database, key, 'neither the package posix nor getent(1) is here');
  const answer = spawnSync(getent, [database, key], { encoding: 'utf8', timeout: GETENT_TIMEOUT_MS });
  if (answer.status === GETENT_UNKNOWN) return undefined;
  if (answer.status !== 0) throw unavailable(database, key, answer.error?.message ?? answer.stderr.trim());
  return answer.stdout.split('\n')[0]?.split(':');
}

function unavailable(database: string, key: string, why: string): StartFailure {
  return new StartFailure(
    EXIT.OS_ERROR,
    `cannot look up "${key}" in the ${database} database: ${why}; numeric ids need no look-up`,
  );
}
