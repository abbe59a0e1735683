// From root to the service account, in the one order that works, and the proof that it worked.
import { loadAddon } from '../../net/native/addon.ts';
import { systemError } from '../../net/native/errno.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { loadPosix } from '../unix/posix.ts';
import type { UnixAccount } from './accounts.ts';
import { openThreads, type ThreadIdentity, type Threads } from './threads.ts';

/**
 * Becomes `account` for good, within `chrootDir` if given, in every thread; no step can be taken back. Returns one
 * sentence for the log: who we are now and what was checked. StartFailure (77) when a step is refused or the proof
 * fails; the process must then end, because it may have dropped half.
 */
export function dropPrivileges(account: UnixAccount, chrootDir?: string): string {
  if (unix.geteuid() !== 0) return stayAs(account, chrootDir);
  const threads = openThreads();
  try {
    become(account, chrootDir);
    const checked = verify(account, threads);
    return `running as ${describeAccount(account)}, ${checked}`;
  } finally {
    threads?.close();
  }
}

/** The excess in the identity of a thread that should be `account` with `groups`; undefined when there is none. */
export function findExcess(
  thread: ThreadIdentity,
  account: UnixAccount,
  groups: readonly number[],
): string | undefined {
  if (!isAll(thread.uids, account.uid))
    return `its uids are ${thread.uids.join(' ')}, not all ${account.uid}`;
  if (!isAll(thread.gids, account.gid))
    return `its gids are ${thread.gids.join(' ')}, not all ${account.gid}`;
  // The kernel need not list the primary group among the supplementary ones.
  const extra = thread.groups.filter((gid) => gid !== account.gid && !groups.includes(gid));
  if (extra.length > 0) return `it still has the groups ${extra.join(' ')}`;
  if (thread.capabilities.length > 0) return `it still has capabilities (${thread.capabilities.join(', ')})`;
  return undefined;
}

/** Node declares these as optional because Windows lacks them; package.json rules Windows out. */
const unix = process as unknown as Required<
  Pick<
    NodeJS.Process,
    'geteuid' | 'getegid' | 'getgroups' | 'setgroups' | 'setgid' | 'setegid' | 'setuid' | 'seteuid'
  >
> & { initgroups(user: string, extraGroup: number): void };

/** Without root the account is right already, or can never be. */
function stayAs(account: UnixAccount, chrootDir: string | undefined): string {
  const uid = unix.geteuid();
  const gid = unix.getegid();
  if (uid !== account.uid || gid !== account.gid) {
    throw privilegeRefusal(
      `cannot become ${describeAccount(account)}: started as uid ${uid}, gid ${gid}, and only root may change; ` +
        'start as root, or remove user and group',
    );
  }
  if (chrootDir !== undefined)
    throw privilegeRefusal(`cannot chroot to ${chrootDir}: only root may; start as root`);
  return `running as ${describeAccount(account)} since the start`;
}

function become(account: UnixAccount, chrootDir: string | undefined): void {
  const { name, uid, gid } = account;
  // initgroups reads the group database, so it stands before the chroot; all four need root, so setuid is last.
  step(`take the groups of ${describeAccount(account)}`, () =>
    name === undefined ? unix.setgroups([gid]) : unix.initgroups(name, gid),
  );
  if (chrootDir !== undefined) enterChroot(chrootDir);
  step(`become gid ${gid}`, () => unix.setgid(gid));
  step(`become uid ${uid}`, () => unix.setuid(uid));
}

/** By the native addon, or by the package posix, which is built for one version of Node only. */
function enterChroot(directory: string): void {
  const change = findChroot();
  if (change === undefined) {
    throw privilegeRefusal(
      `cannot chroot to ${directory}: neither the native engine nor the optional package posix loads in Node ` +
        `${process.version}; run "npm rebuild" where picosocks5 is installed, or remove chroot`,
    );
  }
  step(`chroot to ${directory}`, () => {
    change(directory);
    process.chdir('/');
  });
}

function findChroot(): ((directory: string) => void) | undefined {
  const addon = loadAddon();
  if ('reason' in addon) {
    const posix = loadPosix();
    return posix && ((directory) => posix.chroot(directory));
  }
  return (directory) => {
    const status = addon.chroot(directory);
    if (status < 0) throw systemError('chroot', -status, directory);
  };
}

function step(doing: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw privilegeRefusal(`cannot ${doing}: ${explainErrno(error)}`, error);
  }
}

function explainErrno(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isIoUring = error.message.includes('io_uring');
  return isIoUring ? `${error.message} Unset UV_USE_IO_URING in the environment.` : error.message;
}

/** Throws unless every thread is `account` and root is out of reach; says what was checked. */
function verify(account: UnixAccount, threads: Threads | undefined): string {
  refuseReturn();
  if (threads === undefined) {
    return 'which this system lets us check for the main thread only (there is no /proc)';
  }
  const identities = threads.read();
  const expected = identities[0]?.threads;
  if (expected !== identities.length) {
    throw privilegeRefusal(
      `cannot check every thread after the drop: saw ${identities.length} of ${expected ?? 'none'}; start again`,
    );
  }
  const groups = unix.getgroups();
  for (const identity of identities) {
    const excess = findExcess(identity, account, groups);
    if (excess !== undefined)
      throw privilegeRefusal(`a thread did not become ${describeAccount(account)}: ${excess}`);
  }
  return `checked in ${identities.length} threads`;
}

/** Tries to become root again by every door; each must be shut. */
function refuseReturn(): void {
  const doors: Readonly<Record<string, () => void>> = {
    setuid: () => unix.setuid(0),
    seteuid: () => unix.seteuid(0),
    setgid: () => unix.setgid(0),
    setegid: () => unix.setegid(0),
    setgroups: () => unix.setgroups([0]),
  };
  for (const [name, open] of Object.entries(doors)) {
    if (isRefused(open)) continue;
    throw privilegeRefusal(
      `the drop of privileges can be undone: ${name}(0) still works; does this host grant capabilities?`,
    );
  }
}

function isRefused(action: () => void): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}

function isAll(ids: readonly number[], id: number): boolean {
  return ids.length > 0 && ids.every((other) => other === id);
}

function describeAccount(account: UnixAccount): string {
  const ids = `uid ${account.uid}, gid ${account.gid}`;
  return account.name === undefined ? ids : `${account.name} (${ids})`;
}

function privilegeRefusal(message: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.NO_PERMISSION, message, cause);
}
