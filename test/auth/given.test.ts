import test from 'ava';
import { givenUser, joinGiven } from '../../src/auth/files/given.ts';
import type { Users } from '../../src/auth/files/users.ts';
import { createLoginChecker } from '../../src/auth/login.ts';
import { Fault } from '../../src/base/fault.ts';
import { ip } from '../support/ip.ts';

const hash = { kind: 'plain', text: 'other' } as const;
const FILES: Users = {
  byName: new Map([
    ['joe', { name: 'joe', group: 'staff', hashes: [hash] }],
    ['ann', { name: 'ann', group: undefined, hashes: [hash] }],
    ['eve', { name: 'eve', group: undefined, hashes: [] }],
  ]),
  usable: [],
  serverSecret: undefined,
};

const given = (name: string, password: string) => givenUser(Buffer.from(name), Buffer.from(password));

const users = joinGiven(FILES, { file: '/f', users: [given('joe', 'pä:ss'), given('j\u00f6', 'x')] });

test('joinGiven() puts given users before those of files, by the bytes of their names', (t) => {
  t.deepEqual([...users.byName.keys()], ['joe', 'j\u00c3\u00b6', 'ann', 'eve']);
  t.deepEqual(
    users.usable.map(({ name }) => name),
    ['joe', 'j\u00f6', 'ann'],
  );
});

test('a given user logs in with the password, whole and to the byte', async (t) => {
  const checker = createLoginChecker();
  t.teardown(() => checker.close());
  const check = async (password: string) =>
    checker.check(users, Buffer.from('joe'), Buffer.from(password), ip('192.0.2.1'));
  t.deepEqual(await check('pä:ss'), { kind: 'user', name: 'joe', group: undefined });
  for (const wrong of ['other', 'pä:s', 'pä:ss\0x', '']) {
    const failure = await t.throwsAsync(check(wrong), { instanceOf: Fault });
    t.is(failure.code, 'LOGIN_FAILED', wrong);
  }
});
