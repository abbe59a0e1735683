import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadUsers } from '../../src/auth/files/users.ts';
import { verifyPassword } from '../../src/auth/hashing/verify.ts';
import type { AuthSource } from '../../src/config/model/config.ts';
import { formatProblem } from '../../src/config/values/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'users-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const APR1 = '$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/';
const DES = 'rqXexS6ZhobKA';

let files = 0;
function source(text: string, format: AuthSource['format'] = 'auto'): AuthSource {
  const file = join(folder, `users${files++}`);
  writeFileSync(file, text, { encoding: 'latin1', mode: 0o640 });
  return { format, file, origin: { file: 'picosocks5.conf', line: 7 } };
}

function problemsOf(text: string, format: AuthSource['format'] = 'auto'): string[] {
  const from = source(text, format);
  return loadUsers([from], 'refuse').problems.map((problem) =>
    formatProblem(problem).replace(from.file, 'FILE'),
  );
}

for (const [flags, kind] of [
  [['-m'], 'apr1'],
  [['-B', '-C', '4'], 'bcrypt'],
  [['-s'], 'sha1'],
  [['-2'], 'sha256'],
  [['-5', '-r', '2000'], 'sha512'],
  [['-d'], 'des'],
  [['-p'], 'plain'],
] as const) {
  test(`loadUsers() reads the users that htpasswd ${flags.join(' ')} writes`, (t) => {
    const file = join(folder, `apache${flags[0]}`);
    execFileSync('htpasswd', ['-cb', ...flags, file, 'alice', 'paßwd'], { stdio: 'ignore' });
    execFileSync('htpasswd', ['-b', ...flags, file, 'jürgen', 'zwei'], { stdio: 'ignore' });
    const { users, problems } = loadUsers([{ format: 'auto', file, origin: {} }], 'accept');
    if (kind !== 'plain') t.deepEqual(problems, []);
    const user = users.byName.get(Buffer.from('jürgen').toString('latin1'));
    t.is(user?.name, 'jürgen');
    t.is(user?.hashes[0]?.kind, kind);
    t.true(verifyPassword(Buffer.from('zwei'), user!.hashes[0]!));
    t.false(verifyPassword(Buffer.from('drei'), user!.hashes[0]!));
  });
}

test('loadUsers() lets the first of two htpasswd lines count, also where it is locked', (t) => {
  const { users, problems } = loadUsers([source(`alice:!${APR1}\nalice:${DES}\nbob:${DES}\n`)], 'refuse');
  t.like(users.byName.get('alice'), { isLocked: true, hashes: [{ kind: 'apr1' }] });
  t.is(users.usable.length, 2);
  t.deepEqual(
    problems.map(({ severity, origin }) => [severity, origin.line]),
    [
      ['warning', 1],
      ['warning', 2],
    ],
  );
});

test('loadUsers() keeps all secrets of a user of the three-field file', (t) => {
  const { users, problems } = loadUsers(
    [source(`alice:staff:${APR1}\nalice:staff:$base64$eA==\n`)],
    'refuse',
  );
  t.deepEqual(problems, []);
  t.deepEqual(
    users.byName.get('alice')?.hashes.map(({ kind }) => kind),
    ['apr1', 'base64'],
  );
});

test('loadUsers() keeps the first secret of the server itself and makes no user of it', (t) => {
  const first = source('::$base64$c2VydmVy\nalice::$base64$eA==\n::$base64$eg==\n');
  const { users, problems } = loadUsers([first, source('::$base64$eQ==\n')], 'refuse');
  t.is(Buffer.from(users.serverSecret!).toString(), 'server');
  t.deepEqual([...users.byName.keys()], ['alice']);
  t.deepEqual(
    problems.map(({ origin, text }) => [origin.line, text]),
    [3, 1].map((line) => [
      line,
      `the secret of the server itself stands at ${first.file}:1 already: this line is ignored`,
    ]),
  );
});

test('loadUsers() refuses a hash for the secret of the server itself', (t) => {
  for (const secret of [DES, '', '$base64$', '$base64$?']) {
    t.deepEqual(problemsOf(`::${secret}\n`), [
      'FILE:1: warning: the secret of the server itself must be $base64$ and the secret in Base64: this line is ignored',
    ]);
  }
});

test('loadUsers() says where the secrets of a user name different groups', (t) => {
  t.deepEqual(problemsOf(`alice:staff:${APR1}\nalice:guests:${DES}\n`), [
    'FILE:2: warning: user alice has another group in line 1: that one counts',
  ]);
});

test('loadUsers() asks the sources in their order', (t) => {
  const [first, second] = [source(`alice:${APR1}\n`), source(`alice:staff:${DES}\nbob:${DES}\n`)];
  const { users, problems } = loadUsers([first, second], 'refuse');
  t.is(users.byName.get('alice')?.hashes[0]?.text, APR1);
  t.is(users.byName.size, 2);
  t.is(problems[0]?.text, `user alice stands in ${first.file}:1 already: this line is ignored`);
});

test('loadUsers() reports each bad line with its number and keeps the good ones', (t) => {
  t.deepEqual(problemsOf(`nocolon\na:\nb:*\nc:$y$j9T$x$y\nd:$2y$10$x\ne:letmein\ngood:${APR1}\n`), [
    'FILE:1: warning: no colon after the user name: line ignored',
    'FILE:2: warning: user a has no password at all: this line lets nobody in',
    'FILE:3: warning: user b is locked: this line lets nobody in',
    'FILE:4: warning: user c has a malformed hash; set the password again: this line lets nobody in',
    'FILE:5: warning: user d has a malformed hash; set the password again: this line lets nobody in',
    'FILE:6: warning: user e has a plaintext password or a damaged hash; set a new one, or allow plaintext entries: this line lets nobody in',
  ]);
});

test('loadUsers() tells entries that are damaged from those that somebody has locked', (t) => {
  const text = `a:\nb:*\nc:!${APR1}\nd:$y$j9T$x$y\ne:letmein\nf:$argon2id$v=19$x\ng:$2y$31$${'a'.repeat(53)}\nh:${APR1}\n`;
  const { users } = loadUsers([source(text)], 'refuse');
  const broken = [...users.byName.values()].filter((user) => user.broken !== undefined);
  t.deepEqual(
    broken.map(({ name }) => name),
    ['d', 'e', 'f', 'g'],
  );
});

test('loadUsers() never repeats a secret in a problem', (t) => {
  const text =
    'a:hunter2hunter2\nb:$y$hunter2\nc:$2y$10$hunter2\nd:!hunter2\ne:x:hunter2hunter2\nf:{SHA}hunter2\n';
  for (const format of ['auto', 'htpasswd', 'password'] as const) {
    for (const problem of problemsOf(text, format)) t.notRegex(problem, /hunter2/);
  }
});

test('loadUsers() names the setting that points to a file which cannot be read', (t) => {
  const { problems } = loadUsers(
    [{ format: 'auto', file: '/nonexistent/users', origin: { file: 'x.conf', line: 3 } }],
    'refuse',
  );
  t.deepEqual(problems.map(formatProblem), [
    '/nonexistent/users: cannot be read: no such file or directory (users, named at x.conf:3)',
  ]);
  t.is(problems[0]?.severity, 'error');
  t.regex(
    loadUsers([{ format: 'auto', file: folder, origin: {} }], 'refuse').problems[0]?.text ?? '',
    /not a regular file/,
  );
});

test('loadUsers() warns of a file that everybody may write', (t) => {
  const from = source(`alice:${APR1}\n`);
  chmodSync(from.file, 0o646);
  const { users, problems } = loadUsers([from], 'refuse');
  t.is(users.usable.length, 1);
  t.regex(problems[0]?.text ?? '', /everybody may write/);
});
