// Logins by user and password. Neither the answer nor its timing tells an unknown user from a wrong password.
import { byteString } from '../base/bytes.ts';
import { monotonicMs } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';
import type { Identity } from '../policy/identity.ts';
import { SuccessCache, type CacheLimits, type Clock } from './cache.ts';
import { Decoys } from './decoys.ts';
import { barOf } from './files/standing.ts';
import type { User, Users } from './files/users.ts';
import type { Job } from './hashing/job.ts';
import { HashPool, POOL_LIMITS, type PasswordChecker } from './hashing/pool.ts';

export interface LoginChecker {
  /**
   * Names the client that gave this user and password, at once where that has succeeded lately. Rejects with LOGIN_FAILED; with
   * LOGIN_LOCKED or LOGIN_EXPIRED for the right password of a user who may not log in; with LOGIN_BUSY when too many wait,
   * LOGIN_UNCHECKED when it is impossible to tell whether the password is right, and SHUTTING_DOWN after close().
   */
  check(users: Users, user: Uint8Array, password: Uint8Array, client: Ip): Promise<Identity> | Identity;
  /** Reads what the hashing threads run: to be called while everything can be read. Throws where it cannot. */
  load(): void;
  /** Starts the hashing threads and keeps them: to be awaited before chroot(2). Rejects if they cannot be loaded. */
  prestart(): Promise<void>;
  /** Rejects with LOGIN_UNCHECKED if no password can be checked: to be awaited before the first client. */
  prove(): Promise<void>;
  /** Checks that wait for a thread. */
  readonly waiting: number;
  /** Ends the threads and forgets every success. */
  close(): Promise<void>;
}

const CACHE_LIMITS: CacheLimits = { maxEntries: 4096, lifetimeMs: 5 * 60_000 };

/** The checker of a daemon. It outlives reloads: each check is given the users that are valid for its session. */
export function createLoginChecker(
  checker: PasswordChecker = new HashPool(POOL_LIMITS),
  clock: Clock = monotonicMs,
): LoginChecker {
  const state: CheckState = {
    checker,
    cache: new SuccessCache(CACHE_LIMITS, clock),
    decoys: new Decoys(),
    running: new Map(),
  };
  return {
    check: (users, user, password, client) => checkPassword(state, users, { user, password, client }),
    load: () => checker.load(),
    prestart: () => checker.prestart(),
    prove: () => checker.prove(),
    get waiting() {
      return checker.waiting ?? 0;
    },
    close: async () => {
      state.cache.clear();
      await checker.close();
    },
  };
}

interface CheckState {
  readonly checker: PasswordChecker;
  readonly cache: SuccessCache;
  readonly decoys: Decoys;
  /** Checks on their way, by digest. */
  readonly running: Map<string, Promise<boolean>>;
}

interface PasswordAttempt {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly client: Ip;
}

function checkPassword(
  state: CheckState,
  users: Users,
  { user, password, client }: PasswordAttempt,
): Promise<Identity> | Identity {
  const found = users.byName.get(byteString(user));
  const known = found !== undefined && found.hashes.length > 0 ? found : undefined;
  const bar = known && barOf(known);
  const hashes = known?.hashes ?? state.decoys.choose(users, user);
  const failure = unusableEntryFault(found);
  if (hashes.length === 0)
    return Promise.reject(failure ?? new Fault('LOGIN_FAILED', 'no user has a usable password'));
  const job = { password, hashes };
  const digest = state.cache.digest(user, job);
  const hasSucceeded = state.cache.has(digest);
  if (known !== undefined && bar === undefined && hasSucceeded) return identityOfUser(known);
  // The result is ignored: without this call known names would be faster, which shows when the hash is fast.
  if (known !== undefined) state.decoys.choose(users, user);
  return hashAndRemember(state, { known, bar, failure, digest, job, client });
}

interface Unchecked {
  /** undefined: no such user; the check runs on decoy hashes and its result is ignored. */
  readonly known: User | undefined;
  /** The fault of a login with the right password; undefined when it succeeds. */
  readonly bar: Fault | undefined;
  /** The fault of a login with a wrong password; undefined: LOGIN_FAILED. */
  readonly failure: Fault | undefined;
  readonly digest: string;
  readonly job: Job;
  readonly client: Ip;
}

async function hashAndRemember(
  state: CheckState,
  { known, bar, failure, digest, job, client }: Unchecked,
): Promise<Identity> {
  const matches = await runOnce(state, digest, job, client);
  if (known === undefined || !matches) throw failure ?? new Fault('LOGIN_FAILED');
  if (bar !== undefined) throw bar;
  state.cache.add(digest);
  return identityOfUser(known);
}

/** The fault of a user whose entries are all unusable: the password may be right. It does not count as a guess. */
function unusableEntryFault(found: User | undefined): Fault | undefined {
  if (found?.broken === undefined || found.hashes.length > 0) return undefined;
  return new Fault('LOGIN_UNCHECKED', new Error(`the entry of user ${found.name} ${found.broken}`));
}

/** Fifty connections that log in at once with the same password wait for one check. */
async function runOnce(state: CheckState, digest: string, job: Job, client: Ip): Promise<boolean> {
  const already = state.running.get(digest);
  if (already === undefined) return runCheck(state, digest, job, client);
  try {
    return await already;
  } catch (failure) {
    // The lost place belonged to the first client. Each of the others has a right to a place of its own.
    if (failure instanceof Fault && failure.code === 'LOGIN_BUSY')
      return runCheck(state, digest, job, client);
    throw failure;
  }
}

function runCheck({ checker, running }: CheckState, digest: string, job: Job, client: Ip): Promise<boolean> {
  // A copy: posting an array clones its whole buffer, and this one may be a view of everything read.
  const copy = { ...job, password: new Uint8Array(job.password) };
  const verdict = checker.run(copy, client).finally(() => {
    if (running.get(digest) === verdict) running.delete(digest);
  });
  running.set(digest, verdict);
  return verdict;
}

function identityOfUser(user: User): Identity {
  return { kind: 'user', name: user.name, group: user.group };
}
