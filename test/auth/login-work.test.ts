// The work of a login check: equal for all that fail, done once for those that succeed.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import test from 'ava';
import type { User } from '../../src/auth/files/users.ts';
import { createLoginChecker } from '../../src/auth/login.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp } from '../../src/base/ip.ts';
import { CLIENT, plain, usersOf, counting, login, USERS } from '../support/loginchecks.ts';

const OTHER_CLIENT = parseIp('192.0.2.2')!;

test('check() says LOGIN_UNCHECKED of a user whose entry is damaged, and does the work of a failure', async (t) => {
  const broken: User = { name: 'dora', group: undefined, hashes: [], broken: 'has a malformed hash' };
  for (const others of [usersOf(['alice', undefined, plain('secret')]), usersOf()]) {
    const users = { ...others, byName: new Map([...others.byName, ['dora', broken]]) };
    const checker = counting();
    const logins = createLoginChecker(checker);
    const fault = await t.throwsAsync(
      Promise.resolve(logins.check(users, Buffer.from('dora'), Buffer.from('secret'), CLIENT)),
      { instanceOf: Fault },
    );
    t.is(fault.code, 'LOGIN_UNCHECKED');
    t.is(String(fault.cause), 'Error: the entry of user dora has a malformed hash');
    t.is(checker.jobs.length, others.usable.length);
  }
});

test('check() does the work of a known user for an unknown one, each time', async (t) => {
  const users = usersOf(['alice', undefined, plain('secret'), plain('other')]);
  const checker = counting();
  const logins = createLoginChecker(checker);
  for (const user of ['alice', 'nobody', 'nobody', 'somebody']) await login(logins, users, user, 'wrong');
  t.is(checker.jobs.length, 4);
  for (const job of checker.jobs) t.deepEqual(job.hashes, users.usable[0]?.hashes);
});

test('check() does the same work for the same unknown name, and that of each sort of user for some', async (t) => {
  const checker = counting();
  const logins = createLoginChecker(checker);
  for (let name = 0; name < 64; name++) {
    await login(logins, USERS, `nobody${name}`, 'wrong');
    await login(logins, USERS, `nobody${name}`, 'wrong');
    t.is(checker.jobs.at(-1)?.hashes, checker.jobs.at(-2)?.hashes);
  }
  t.deepEqual([...new Set(checker.jobs.map(({ hashes }) => hashes.length))].sort(), [1, 2]);
});

test('check() pays once for a password that is right, until five minutes are over', async (t) => {
  let now = 0;
  const checker = counting();
  const logins = createLoginChecker(checker, () => now);
  for (let at = 0; at < 3; at++) await login(logins, USERS, 'alice', 'secret');
  t.is(checker.jobs.length, 1);
  now = 5 * 60_000;
  await login(logins, USERS, 'alice', 'secret');
  t.is(checker.jobs.length, 2);
});

test('check() pays for every wrong password, also after a right one', async (t) => {
  const checker = counting();
  const logins = createLoginChecker(checker);
  for (const password of ['secret', 'wrong', 'wrong']) await login(logins, USERS, 'alice', password);
  t.is(checker.jobs.length, 3);
});

test('check() forgets a success when the stored hash changes, and takes the group from the new users', async (t) => {
  const logins = createLoginChecker(counting());
  await login(logins, USERS, 'alice', 'secret');
  t.is(await login(logins, usersOf(['alice', 'staff', plain('new')]), 'alice', 'secret'), 'LOGIN_FAILED');
  t.is(await login(logins, usersOf(['bob', undefined, plain('secret')]), 'alice', 'secret'), 'LOGIN_FAILED');
  const moved = usersOf(['alice', 'guests', plain('secret')]);
  t.deepEqual(await login(logins, moved, 'alice', 'secret'), {
    kind: 'user',
    name: 'alice',
    group: 'guests',
  });
});

test('check() merges fifty logins at once into one check, right or wrong', async (t) => {
  const checker = counting();
  const logins = createLoginChecker(checker);
  for (const [password, expected] of [
    ['secret', 'object'],
    ['wrong', 'string'],
  ] as const) {
    const results = await Promise.all(
      Array.from({ length: 50 }, () => login(logins, USERS, 'alice', password)),
    );
    t.true(results.every((result) => typeof result === expected));
  }
  t.is(checker.jobs.length, 2);
});

test('check() hands on a copy of the password and no more of its buffer', async (t) => {
  const checker = counting();
  const read = Buffer.from('junk-secret-junk');
  await createLoginChecker(checker).check(USERS, Buffer.from('alice'), read.subarray(5, 11), CLIENT);
  t.is(checker.jobs[0]?.password.buffer.byteLength, 6);
});

test('check() passes LOGIN_BUSY on and asks again the next time', async (t) => {
  const checker = counting();
  let busy = true;
  const logins = createLoginChecker({
    ...checker,
    run: (job, client) => (busy ? Promise.reject(new Fault('LOGIN_BUSY')) : checker.run(job, client)),
  });
  t.is(await login(logins, USERS, 'alice', 'secret'), 'LOGIN_BUSY');
  busy = false;
  t.like(await login(logins, USERS, 'alice', 'secret'), { kind: 'user' });
});

test('check() asks anew for a second client where the place of the first gave way', async (t) => {
  const checker = counting();
  const first = new Fault('LOGIN_BUSY');
  let giveWay: () => void = () => undefined;
  const logins = createLoginChecker({
    ...checker,
    run: (job, client) =>
      client === CLIENT
        ? new Promise<boolean>((_resolve, reject) => (giveWay = () => reject(first)))
        : checker.run(job, client),
  });
  const [alice, secret] = [Buffer.from('alice'), Buffer.from('secret')];
  const hog = logins.check(USERS, alice, secret, CLIENT) as Promise<unknown>;
  const other = logins.check(USERS, alice, secret, OTHER_CLIENT) as Promise<unknown>;
  giveWay();
  t.is(await t.throwsAsync(hog), first);
  t.like(await other, { kind: 'user', name: 'alice' });
});

test('close() forgets every success', async (t) => {
  const checker = counting();
  const logins = createLoginChecker(checker);
  await login(logins, USERS, 'alice', 'secret');
  await logins.close();
  await login(logins, USERS, 'alice', 'secret');
  t.is(checker.jobs.length, 2);
});

test('createLoginChecker() checks in threads of its own when nothing else is given', async (t) => {
  const logins = createLoginChecker();
  await logins.prestart();
  t.like(await login(logins, USERS, 'alice', 'secret'), { name: 'alice' });
  t.is(await login(logins, USERS, 'alice', 'Secret'), 'LOGIN_FAILED');
  await logins.close();
  t.is(await login(logins, USERS, 'alice', 'secret'), 'SHUTTING_DOWN');
});

/** The functions of node:crypto that `work` calls, in the order of the alphabet. */
async function cryptoCalls(work: () => Promise<unknown>): Promise<readonly string[]> {
  const calls: string[] = [];
  const known = crypto as unknown as Record<string, ((...given: unknown[]) => unknown) | undefined>;
  const real = Object.fromEntries(
    ['hash', 'createHash', 'createHmac', 'randomBytes'].map((name) => [name, known[name]]),
  );
  for (const [name, call] of Object.entries(real)) {
    if (call === undefined) continue;
    known[name] = (...given) => {
      calls.push(name);
      return call(...given);
    };
  }
  syncBuiltinESMExports();
  await work();
  Object.assign(known, real);
  syncBuiltinESMExports();
  return calls.sort();
}

// It changes what every test of this file would see, so it waits for none and lets none wait.
test.serial('check() does the same digests and the same checks for every login that fails', async (t) => {
  const past: User = { name: 'past', group: undefined, hashes: [plain('secret')], validUntilMs: 1 };
  const some = usersOf(['alice', undefined, plain('secret')], ['gone', undefined]);
  const shut: User = { name: 'shut', group: undefined, hashes: [plain('secret')], isLocked: true };
  const users = { ...some, byName: new Map([...some.byName, ['past', past], ['shut', shut]]) };
  const checker = counting();
  const logins = createLoginChecker(checker);
  const fails = async (user: string, password: string): Promise<void> => {
    const isBarred = user === 'past' || user === 'shut';
    const code = await login(logins, users, user, password);
    t.is(code, !isBarred ? 'LOGIN_FAILED' : user === 'past' ? 'LOGIN_EXPIRED' : 'LOGIN_LOCKED');
  };
  // The keys are made for the first of each, and alice is remembered.
  await fails('nobody', 'wrong');
  t.like(await login(logins, users, 'alice', 'secret'), { name: 'alice' });
  const works: unknown[] = [];
  for (const [user, password] of [
    ['nobody', 'secret'],
    ['alice', 'wrongs'],
    ['gone', 'secret'],
    ['past', 'secret'],
    ['shut', 'secret'],
    ['nobody', 'wrongs'],
  ] as const) {
    const before = checker.jobs.length;
    const calls = await cryptoCalls(() => fails(user, password));
    const hashes = checker.jobs.slice(before).flatMap((job) => job.hashes);
    works.push({ calls, checks: hashes.map(({ kind }) => kind) });
  }
  for (const work of works) t.deepEqual(work, works[0]);
  t.true((works[0] as { calls: readonly string[] }).calls.includes('createHmac'));
});
