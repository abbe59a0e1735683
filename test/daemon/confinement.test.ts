import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../src/config/reading/load.ts';
import { grantsFor, isAtOrBelow } from '../../src/daemon/account/confinedfiles.ts';
import { findLoose, openConfinement } from '../../src/daemon/account/confinement.ts';
import { parseThreadLimits } from '../../src/daemon/account/threads.ts';

const CONFINED = 'Name:\tnode\nThreads:\t2\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n';
const LOOSE = CONFINED.replace('NoNewPrivs:\t1', 'NoNewPrivs:\t0').replace(
  'CapBnd:\t0000000000000000',
  'CapBnd:\t000001ffffffffff',
);

function config(...argv: readonly string[]) {
  const loaded = loadConfig(argv, () => '');
  if (loaded.config === undefined) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

test('parseThreadLimits() reads status files that stand one after the other', (t) => {
  const [first, second, ...rest] = parseThreadLimits(CONFINED + LOOSE);
  t.deepEqual(first, { noNewPrivs: true, isFiltered: true, emptyBoundingSet: true, threads: 2 });
  t.deepEqual(second, { noNewPrivs: false, isFiltered: true, emptyBoundingSet: false, threads: 2 });
  t.deepEqual(rest, []);
  t.deepEqual(parseThreadLimits(''), []);
});

test('findLoose() names a part that should hold in a thread, and no other', (t) => {
  const [confined, loose] = parseThreadLimits(CONFINED + LOOSE);
  const all = new Set(['no-new-privs', 'bounding-set', 'seccomp', 'landlock']);
  t.is(findLoose(confined!, all), undefined);
  t.is(findLoose(loose!, all), 'no-new-privs');
  t.is(findLoose(loose!, new Set(['bounding-set'])), 'bounding-set');
  t.is(findLoose(loose!, new Set(['seccomp'])), undefined);
});

test('openConfinement() without an addon fails where confine is yes, and does nothing else where it is not', (t) => {
  const native = { addon: undefined, reason: 'the native addon is for Linux' };
  const error = t.throws(() => openConfinement({ confine: 'yes' }, native));
  t.regex(error.message, /^confine is yes, but the native addon is for Linux/);
  const { holds, lacks } = openConfinement({ confine: 'auto' }, native).close([]);
  t.deepEqual([holds, lacks], ['no', 'not confined: the native addon is for Linux']);
  t.is(openConfinement({ confine: 'no' }, native).close([]).lacks, undefined);
});

test('grantsFor() lets the folders of the files be read, and where links lead', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'real'));
  mkdirSync(join(folder, 'conf'));
  writeFileSync(join(folder, 'real/users'), '');
  symlinkSync('../real/users', join(folder, 'conf/users'));
  const readable = grantsFor(config(), [join(folder, 'conf/users')])
    .filter(({ kind }) => kind === 'read')
    .map(({ path }) => path);
  t.true(readable.includes(join(folder, 'conf')) && readable.includes(join(folder, 'real')));
  t.true(isAtOrBelow(join(folder, 'conf/new'), readable));
  t.true(isAtOrBelow('/etc/hosts', readable));
  t.true(isAtOrBelow(process.execPath, readable));
  t.false(isAtOrBelow(join(folder, 'configuration'), readable));
  t.false(isAtOrBelow(join(folder, 'conf/../elsewhere'), readable));
});

test('grantsFor() never gives the root folder, unless it is that of a chroot', (t) => {
  const paths = (...argv: readonly string[]) =>
    grantsFor(config(...argv), ['/users']).map(({ path }) => path);
  t.true(paths().includes('/users'));
  t.false(paths('--state', '/state', '--pidfile', '/pid', '--control', '/control').includes('/'));
  t.true(paths('--chroot', '/srv/jail', '-u', 'nobody').includes('/'));
});

test('grantsFor() lets the state be replaced, and names be removed where pid file and socket are', (t) => {
  const argv = ['--state', '/var/lib/x/state', '--pidfile', '/run/x.pid', '--control', '/run/x/control'];
  const kinds = grantsFor(config(...argv), []).filter(({ kind }) => kind !== 'read');
  t.deepEqual(
    kinds.map(({ path, kind }) => `${kind} ${path}`),
    ['device /dev/null', 'replace /var/lib/x', `name ${dirname('/run/x.pid')}`, 'name /run/x'],
  );
});
