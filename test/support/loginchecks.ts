// A login checker whose hashing is counted.
import type { User, Users } from '../../src/auth/files/users.ts';
import type { Hash } from '../../src/auth/hashing/hash.ts';
import type { Job } from '../../src/auth/hashing/job.ts';
import type { PasswordChecker } from '../../src/auth/hashing/pool.ts';
import { verifyPassword } from '../../src/auth/hashing/verify.ts';
import type { LoginChecker } from '../../src/auth/login.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp } from '../../src/base/ip.ts';

export const CLIENT = parseIp('192.0.2.1')!;

export function plain(text: string): Hash {
  return { kind: 'plain', text };
}

export function usersOf(...users: readonly (readonly [string, string | undefined, ...Hash[]])[]): Users {
  const byName = new Map<string, User>();
  for (const [name, group, ...hashes] of users) byName.set(name, { name, group, hashes });
  const usable = [...byName.values()].filter(({ hashes }) => hashes.length > 0);
  return { byName, usable, serverSecret: undefined };
}

/** Checks on the spot and writes down every job. */
export function counting(): PasswordChecker & { readonly jobs: Job[] } {
  const jobs: Job[] = [];
  return {
    jobs,
    run: (job) => {
      jobs.push(job);
      return Promise.resolve(job.hashes.some((hash) => verifyPassword(job.password, hash)));
    },
    load: () => undefined,
    prestart: () => Promise.resolve(),
    prove: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export async function login(checker: LoginChecker, users: Users, user: string, password: string) {
  try {
    return await checker.check(users, Buffer.from(user), Buffer.from(password), CLIENT);
  } catch (fault) {
    return fault instanceof Fault ? fault.code : String(fault);
  }
}

export const USERS = usersOf(
  ['alice', 'staff', plain('secret')],
  ['bob', undefined, plain('one'), plain('two')],
);
