import test from 'ava';
import type { User, Users } from '../../src/auth/files/users.ts';
import { createLoginChecker } from '../../src/auth/login.ts';
import { plain, usersOf, counting, login, USERS } from '../support/loginchecks.ts';

test('check() names the user and the group', async (t) => {
  const checker = createLoginChecker(counting());
  t.deepEqual(await login(checker, USERS, 'alice', 'secret'), {
    kind: 'user',
    name: 'alice',
    group: 'staff',
  });
  t.deepEqual(await login(checker, USERS, 'bob', 'two'), { kind: 'user', name: 'bob', group: undefined });
});

test('check() refuses a wrong password, an unknown user and a locked one in the same way', async (t) => {
  const users = usersOf(['alice', undefined, plain('secret')], ['locked', undefined]);
  const checker = createLoginChecker(counting());
  t.is(await login(checker, users, 'alice', 'wrong'), 'LOGIN_FAILED');
  t.is(await login(checker, users, 'nobody', 'secret'), 'LOGIN_FAILED');
  t.is(await login(checker, users, 'locked', 'secret'), 'LOGIN_FAILED');
  t.is(await login(checker, users, '', ''), 'LOGIN_FAILED');
});

test('check() counts guesses at a user who has a good entry beside a damaged one', async (t) => {
  const users = usersOf(['alice', undefined, plain('secret')]);
  const alice: User = { ...users.byName.get('alice')!, broken: 'has a malformed hash' };
  const checker = createLoginChecker(counting());
  const both = { ...users, byName: new Map([['alice', alice]]) };
  t.is(await login(checker, both, 'alice', 'wrong'), 'LOGIN_FAILED');
  t.like(await login(checker, both, 'alice', 'secret'), { name: 'alice' });
});

test('check() refuses everybody where nobody has a usable password', async (t) => {
  t.is(
    await login(createLoginChecker(counting()), usersOf(['locked', undefined]), 'locked', ''),
    'LOGIN_FAILED',
  );
});

test('check() lets nobody in under an unknown name with the password of the decoy', async (t) => {
  const users = usersOf(['alice', undefined, plain('secret')]);
  const logins = createLoginChecker(counting());
  t.is(await login(logins, users, 'nobody', 'secret'), 'LOGIN_FAILED');
  await login(logins, users, 'alice', 'secret');
  t.is(await login(logins, users, 'nobody', 'secret'), 'LOGIN_FAILED');
});

test('check() accepts an empty user or password only where that very entry exists', async (t) => {
  const users = usersOf(
    ['', undefined, plain('secret')],
    ['guest', undefined, { kind: 'base64', text: '$base64$' }],
  );
  const logins = createLoginChecker(counting());
  t.like(await login(logins, users, '', 'secret'), { kind: 'user', name: '' });
  t.like(await login(logins, users, 'guest', ''), { kind: 'user', name: 'guest' });
  t.is(await login(logins, users, '', ''), 'LOGIN_FAILED');
});

test('check() lets an account in until it expires, and tells who has the right password why not from then on', async (t) => {
  const checker = counting();
  const logins = createLoginChecker(checker);
  const open = usersOf(['alice', undefined, plain('secret')]);
  const alice = open.byName.get('alice')!;
  const expiring = (validUntilMs: number): Users => ({
    ...open,
    byName: new Map([['alice', { ...alice, validUntilMs }]]),
  });
  t.like(await login(logins, expiring(Date.now() + 60_000), 'alice', 'secret'), { name: 'alice' });
  t.is(await login(logins, expiring(Date.now() - 1), 'alice', 'secret'), 'LOGIN_EXPIRED');
  t.is(await login(logins, expiring(Date.now() - 1), 'alice', 'Secret'), 'LOGIN_FAILED');
  t.is(checker.jobs.length, 3);
});
