// The account that the daemon runs as: the options `user` and `group` as numbers.
import { EXIT, StartFailure } from '../unix/exit.ts';
import { findGroup, findPasswdEntry, type PasswdEntry } from './passwd.ts';

export interface UnixAccount {
  /** undefined: a uid without a passwd entry; it has no supplementary groups. */
  readonly name: string | undefined;
  readonly uid: number;
  readonly gid: number;
}

export interface Resolution {
  readonly account: UnixAccount;
  /** Sentences for the operator. */
  readonly warnings: readonly string[];
}

/**
 * Resolves names or C-notation numbers (`65534`, `0xfffe`, `0177776`) to the account; undefined when no user is
 * set. StartFailure when something is unknown, or is root: that would drop nothing.
 */
export function resolveAccount(user: string | undefined, group: string | undefined): Resolution | undefined {
  if (user === undefined && group === undefined) return undefined;
  if (user === undefined) {
    throw new StartFailure(
      EXIT.CONFIG,
      `group = ${group ?? ''} is set without a user, which would keep every privilege of the user: set user too`,
    );
  }
  const found = resolveUser(user);
  const { gid, warnings } = resolveGroup(user, group, found);
  const account = { name: found.name, uid: found.uid, gid };
  refuseRoot(account);
  return { account, warnings };
}

/** Reads an id as strtoul(3) with base 0 does; undefined when it is not a number of 0 to 2^32 - 2. */
export function parseId(text: string): number | undefined {
  if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(text)) return undefined;
  const isOctal = /^0[0-7]+$/.test(text);
  const id = isOctal ? parseInt(text, 8) : Number(text);
  return id <= MAX_ID ? id : undefined;
}

/** 2^32 - 1 is (uid_t)-1, which means "leave as it is" in setresuid(2). */
const MAX_ID = 0xfffffffe;

interface ResolvedUser {
  readonly name: string | undefined;
  readonly uid: number;
  /** undefined: a uid without a passwd entry. */
  readonly gid: number | undefined;
}

function resolveUser(user: string): ResolvedUser {
  const uid = parseId(user);
  if (uid !== undefined) return findPasswdEntry(uid) ?? { name: undefined, uid, gid: undefined };
  const entry: PasswdEntry | undefined = findPasswdEntry(user);
  if (entry !== undefined) return entry;
  throw accountRefusal(
    `cannot run as user "${user}": no such user; see "getent passwd" for the users of this host`,
  );
}

function resolveGroup(
  user: string,
  group: string | undefined,
  found: ResolvedUser,
): { gid: number; warnings: string[] } {
  if (group === undefined) return { gid: primaryGroup(user, found), warnings: [] };
  const gid = parseId(group) ?? findGroup(group)?.gid;
  if (gid !== undefined) return { gid, warnings: [] };
  if (group !== user) {
    throw accountRefusal(
      `cannot run as group "${group}": no such group; see "getent group" for the groups of this host`,
    );
  }
  // `-u nobody -g nobody` works as typed on Debian, whose group of nobody is called nogroup.
  const primary = primaryGroup(user, found);
  return {
    gid: primary,
    warnings: [`there is no group "${group}": using gid ${primary}, the primary group of the user "${user}"`],
  };
}

function primaryGroup(user: string, found: ResolvedUser): number {
  if (found.gid !== undefined) return found.gid;
  throw accountRefusal(
    `cannot run as uid ${user}: it has no passwd entry to take the group from; set group too`,
  );
}

function refuseRoot(account: UnixAccount): void {
  if (account.uid === 0) {
    throw accountRefusal(
      'cannot drop privileges to root: name an unprivileged user, or leave user unset to stay root',
    );
  }
  if (account.gid === 0) {
    throw accountRefusal(
      'cannot drop privileges to group 0, which opens the files of root: set group to another one',
    );
  }
}

function accountRefusal(message: string): StartFailure {
  return new StartFailure(EXIT.NO_PERMISSION, message);
}
