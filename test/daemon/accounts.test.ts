import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import test from 'ava';
import { parseId, resolveAccount } from '../../src/daemon/account/accounts.ts';
import { findGroup, findPasswdEntry } from '../../src/daemon/account/passwd.ts';
import { TYPESCRIPT } from '../support/typescript.ts';
import { needing } from '../support/needing.ts';

const nobody = findPasswdEntry('nobody')!;

test('resolveAccount() finds no account where none is asked for', (t) => {
  t.is(resolveAccount(undefined, undefined), undefined);
});

test('resolveAccount() takes the primary group of the user', (t) => {
  t.deepEqual(resolveAccount('nobody', undefined), { account: nobody, warnings: [] });
});

test('resolveAccount() takes the group given, by name or number', (t) => {
  const daemon = findGroup('daemon')!;
  for (const group of ['daemon', String(daemon.gid), `0x${daemon.gid.toString(16)}`]) {
    t.deepEqual(resolveAccount('nobody', group), { account: { ...nobody, gid: daemon.gid }, warnings: [] });
  }
});

const withoutGroupNobody = needing(
  'a host without a group nobody, such as Debian',
  findGroup('nobody') === undefined,
);

withoutGroupNobody(
  'resolveAccount() falls back to the primary group for -u nobody -g nobody, with one warning',
  (t) => {
    const resolution = resolveAccount('nobody', 'nobody');
    t.deepEqual(resolution?.account, nobody);
    t.deepEqual(resolution?.warnings, [
      `there is no group "nobody": using gid ${nobody.gid}, the primary group of the user "nobody"`,
    ]);
  },
);

test('resolveAccount() names a user by number, where the database knows it', (t) => {
  t.deepEqual(resolveAccount(String(nobody.uid), undefined)?.account, nobody);
  t.deepEqual(resolveAccount('65521', '65522')?.account, { name: undefined, uid: 65521, gid: 65522 });
});

const refusals: readonly [string | undefined, string | undefined, number, RegExp][] = [
  ['no-such-user', undefined, 77, /^cannot run as user "no-such-user": no such user/],
  ['nobody', 'no-such-group', 77, /^cannot run as group "no-such-group": no such group/],
  ['65521', undefined, 77, /uid 65521: it has no passwd entry .* set group too/],
  ['65521', 'no-such-group', 77, /no such group/],
  ['root', undefined, 77, /drop privileges to root/],
  ['0', 'daemon', 77, /drop privileges to root/],
  ['nobody', 'root', 77, /group 0/],
  [undefined, 'daemon', 78, /group = daemon is set without a user/],
  ['-s', undefined, 77, /no such user/],
  ['', undefined, 77, /no such user/],
  ['a:b', undefined, 77, /no such user/],
];

for (const [user, group, status, message] of refusals) {
  test(`resolveAccount() refuses user ${String(user)} and group ${String(group)}`, (t) => {
    t.like(
      t.throws(() => resolveAccount(user, group), { message }),
      { status },
    );
  });
}

test('parseId() reads C notation', (t) => {
  const cases: readonly [string, number | undefined][] = [
    ['0', 0],
    ['65534', 65534],
    ['0xfffe', 65534],
    ['0XFFFE', 65534],
    ['0177776', 65534],
    ['4294967294', 4294967294],
    ['4294967295', undefined],
    ['0xffffffff', undefined],
    ['08', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    [' 1', undefined],
    ['', undefined],
    ['0x', undefined],
    ['nobody', undefined],
  ];
  for (const [text, id] of cases) t.is(parseId(text), id, text);
});

test('parseId() reads every id in each base', (t) => {
  fc.assert(
    fc.property(fc.nat(0xfffffffe), (id) => {
      for (const text of [String(id), `0x${id.toString(16)}`, `0${id.toString(8)}`]) t.is(parseId(text), id);
    }),
  );
  t.pass();
});

test('findPasswdEntry() and findGroup() give the same through getent, where posix does not load', (t) => {
  const module = new URL('../../src/daemon/account/passwd.ts', import.meta.url).href;
  const program = `
    const { findPasswdEntry, findGroup } = await import(${JSON.stringify(module)});
    const found = [findPasswdEntry('nobody'), findPasswdEntry(${nobody.uid}), findGroup('daemon'), findPasswdEntry('no-such-user')];
    process.stdout.write(JSON.stringify([...found, findGroup('no-such-group')].map((entry) => entry ?? null)));`;
  const run = ['--no-addons', TYPESCRIPT, '--input-type=module', '--eval', program];
  const found: unknown = JSON.parse(execFileSync(process.execPath, run, { encoding: 'utf8' }));
  t.deepEqual(found, [nobody, nobody, findGroup('daemon'), null, null]);
});
