import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pis5user } from '../support/pis5user.ts';
import { folder, fileWith, KEPT, FAST } from '../support/userfiles.ts';

test.after.always(() => rmSync(folder, { recursive: true }));

test('add makes a file of mode 0640 whose user Apache and verify accept', async (t) => {
  const file = join(folder, 'new');
  const added = await pis5user(['add', '-c', ...FAST, file, 'alice'], 'geheim: ü\n');
  t.deepEqual(added, { status: 0, stdout: '', stderr: '' });
  t.regex(readFileSync(file, 'utf8'), /^alice:\$2y\$04\$[./0-9A-Za-z]{53}\n$/);
  t.is(statSync(file).mode & 0o777, 0o640);
  execFileSync('htpasswd', ['-vb', file, 'alice', 'geheim: ü'], { stdio: 'ignore' });
  t.is((await pis5user(['verify', file, 'alice'], 'geheim: ü\n')).status, 0);
  const wrong = await pis5user(['verify', file, 'alice'], 'geheim: u\n');
  t.deepEqual(wrong, { status: 77, stdout: '', stderr: 'pis5user: wrong password for alice\n' });
});

for (const [method, cost, mark] of [
  ['sha256', '1500', '$5$rounds=1500$'],
  ['sha512', '5000', '$6$'],
  ['apr1', undefined, '$apr1$'],
] as const) {
  test(`add --method ${method} writes a hash that Apache accepts`, async (t) => {
    const file = fileWith('');
    const costs = cost === undefined ? [] : ['--cost', cost];
    t.is((await pis5user(['add', '--method', method, ...costs, file, 'alice'], 'secret')).status, 0);
    t.true(readFileSync(file, 'utf8').startsWith(`alice:${mark}`));
    execFileSync('htpasswd', ['-vb', file, 'alice', 'secret'], { stdio: 'ignore' });
    t.throws(() => execFileSync('htpasswd', ['-vb', file, 'alice', 'Secret'], { stdio: 'ignore' }));
  });
}

test('list, verify and passwd agree about a line with a comment, and Apache about what is written', async (t) => {
  const written = execFileSync('htpasswd', ['-nbm', 'joe', 'secret'], { encoding: 'utf8' }).trim();
  const file = fileWith(`${written}:the comment, \xe4\n`);
  t.is((await pis5user(['list', file])).stdout, 'joe\t-\tapr1\n');
  t.is((await pis5user(['verify', file, 'joe'], 'secret')).status, 0);
  t.is((await pis5user(['verify', file, 'joe'], 'the comment, \xe4')).status, 77);
  t.is((await pis5user(['passwd', ...FAST, file, 'joe'], 'new')).status, 0);
  const text = readFileSync(file, 'utf8');
  t.regex(text, /^joe:\$2y\$04\$[./0-9A-Za-z]{53}:the comment, \xe4\n$/);
  t.is((await pis5user(['list', file])).stdout, 'joe\t-\tbcrypt\n');
  t.is((await pis5user(['verify', file, 'joe'], 'new')).status, 0);
  t.is((await pis5user(['verify', file, 'joe'], 'secret')).status, 77);
  // htpasswd -v itself takes a comment for a part of the hash.
  const bare = fileWith(text.replace(/:the comment.*/, ''));
  execFileSync('htpasswd', ['-vb', bare, 'joe', 'new'], { stdio: 'ignore' });
  const grouped = await pis5user(['passwd', '-g', '$6$x', file, 'joe'], 'new');
  t.deepEqual([grouped.status, grouped.stderr], [65, 'pis5user: the group looks like a hash\n']);
});

test('passwd keeps comments, order, line ends, group, mode and owner, and drops other lines of the user', async (t) => {
  const file = fileWith(`# c\r\nalice:staff:!\r\nbob:x\r\nalice:staff:$base64$b2xk\r\n`);
  chmodSync(file, 0o604);
  if (process.getuid?.() === 0) chownSync(file, 65534, 65534);
  const before = statSync(file);
  t.is((await pis5user(['passwd', ...FAST, file, 'alice'], 'new\r\n')).status, 0);
  t.regex(readFileSync(file, 'utf8'), /^# c\r\nalice:staff:\$2y\$04\$[^\r\n]*\r\nbob:x\r\n$/);
  const after = statSync(file);
  t.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
  t.is((await pis5user(['verify', file, 'alice'], 'new')).status, 0);
  t.is((await pis5user(['verify', file, 'alice'], 'old')).status, 77);
});

test('add --group writes three fields', async (t) => {
  const file = fileWith(KEPT);
  t.is((await pis5user(['add', ...FAST, '-g', 'staff', file, 'alice'], 'secret')).status, 0);
  t.true(readFileSync(file, 'utf8').startsWith(`${KEPT}alice:staff:$2y$`));
});

test('add --method chap writes three fields with a secret that can be recovered', async (t) => {
  const file = join(folder, 'chap');
  const add = (stdin: string, ...args: string[]) => pis5user(['add', '-m', 'chap', ...args], stdin);
  t.deepEqual(await add('geheim: ü\n', '-c', file, 'alice'), { status: 0, stdout: '', stderr: '' });
  t.is((await add('two', '--group', 'staff', file, 'bob')).status, 0);
  t.is((await add('server', file, '')).status, 0);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const lines = [`alice::$base64$${base64('geheim: ü')}`, `bob:staff:$base64$${base64('two')}`];
  t.is(readFileSync(file, 'utf8'), `${lines.join('\n')}\n::$base64$${base64('server')}\n`);
  t.is((await pis5user(['verify', file, 'alice'], 'geheim: ü')).status, 0);
  t.is((await pis5user(['verify', file, 'alice'], 'geheim: u')).status, 77);
  t.is((await pis5user(['verify', file, ''], 'server')).stdout, 'the server itself: password correct\n');
  const { stdout, stderr } = await pis5user(['list', file]);
  t.deepEqual([stdout, stderr], ['alice\t-\tbase64\nbob\tstaff\tbase64\n\t-\tbase64\n', '']);
  t.regex((await add('x', file, '')).stderr, /the server itself is in .* already/);
  t.is((await pis5user(['delete', file, ''])).status, 0);
  t.is(readFileSync(file, 'utf8'), `${lines.join('\n')}\n`);
});

test('passwd --method chap keeps the group and gives a user of two fields among others an empty one', async (t) => {
  const file = fileWith('alice:staff:x\nbob:y\n');
  for (const user of ['alice', 'bob']) {
    t.is((await pis5user(['passwd', '-m', 'chap', file, user], 'new')).status, 0);
  }
  t.is(readFileSync(file, 'utf8'), 'alice:staff:$base64$bmV3\nbob::$base64$bmV3\n');
});

test('delete removes every line of the user and nothing else', async (t) => {
  const file = fileWith(`${KEPT}alice:x\nal:y\nalice:z\n`);
  t.is((await pis5user(['delete', file, 'alice'])).status, 0);
  t.is(readFileSync(file, 'utf8'), `${KEPT}al:y\n`);
});

test('list prints users on stdout and what is wrong on stderr, without control characters', async (t) => {
  const file = fileWith(`${KEPT}bob:staff:$base64$eA==\n\x1b[2Jx:!\n`);
  const { status, stdout, stderr } = await pis5user(['list', file]);
  t.is(status, 0);
  t.is(stdout, 'zoe\t-\tapr1\nbob\tstaff\tbase64\n\\x1b[2Jx\t-\tunusable\n');
  t.is(stderr, `pis5user: ${file}:5: warning: user \\x1b[2Jx is locked: this line lets nobody in\n`);
});

const FAILURES: readonly (readonly [string, readonly string[], string, number, RegExp])[] = [
  ['add of a user who is there', ['add', ...FAST, 'FILE', 'zoe'], 'x', 65, /already; use passwd/],
  ['passwd of an unknown user', ['passwd', 'FILE', 'nobody'], 'x', 67, /nobody is not in/],
  ['delete of an unknown user', ['delete', 'FILE', 'nobody'], '', 67, /nobody is not in/],
  ['verify of an unknown user', ['verify', 'FILE', 'nobody'], 'x', 67, /nobody is not in/],
  ['add to a missing file', ['add', 'FILE.none', 'a'], 'x', 66, /no such file or directory \(add --create/],
  [
    'list of a missing file',
    ['list', 'FILE.none'],
    '',
    66,
    /\.none: cannot be read: no such file or directory/,
  ],
  ['add to a folder that is missing', ['add', '-c', 'FILE.none/x', 'a'], 'x', 73, /cannot create/],
  ['a colon in the name', ['add', 'FILE', 'a:b'], 'x', 65, /colon/],
  ['a comment for a name', ['add', 'FILE', '#a'], 'x', 65, /starts with #/],
  ['a line end in the group', ['add', '-g', 'a\nroot', 'FILE', 'a'], 'x', 65, /group holds a control/],
  ['an empty password', ['add', 'FILE', 'a'], '\n', 65, /empty/],
  ['a NUL in the password', ['add', 'FILE', 'a'], 'a\0b', 65, /NUL/],
  ['73 bytes for bcrypt', ['add', 'FILE', 'a'], 'x'.repeat(73), 65, /--method sha512/],
  ['256 bytes', ['add', '-m', 'sha512', 'FILE', 'a'], 'x'.repeat(256), 65, /255 at most/],
  ['no command', [], '', 64, /no command given/],
  ['an unknown command', ['ad', 'FILE', 'a'], '', 64, /unknown command "ad"/],
  [
    'a method of files without a file',
    ['-m', 'basic,apr1', 'ann'],
    '',
    64,
    /unknown method "apr1".*basic, chap/,
  ],
  [
    'an option of a command without one',
    ['-g', 'staff', 'ann'],
    '',
    64,
    /--group needs a command before ann/,
  ],
  ['a line for a name with a colon', ['a:b'], 'x', 65, /holds a colon/],
  ['a password as an argument', ['add', 'FILE', 'a', 'secret'], '', 64, /never given as one/],
  ['no user', ['add', 'FILE'], '', 64, /which user/],
  ['an alien option', ['delete', '-c', 'FILE', 'a'], '', 64, /does not know the option --create/],
  ['an unknown option', ['add', '-x', 'FILE', 'a'], '', 64, /Unknown option/],
  ['an unknown method', ['add', '-m', 'des', 'FILE', 'a'], '', 64, /unknown method "des"/],
  ['chap in a file as Apache has it', ['add', '-m', 'chap', 'FILE', 'a'], 'x', 65, /another file/],
  [
    'passwd to chap in such a file',
    ['passwd', '-m', 'chap', '-g', 's', 'FILE', 'zoe'],
    'x',
    65,
    /two fields/,
  ],
  ['a cost of chap', ['add', '-m', 'chap', '-C', '4', 'FILE', 'a'], '', 64, /chap has no cost to choose/],
  ['no name for a hash', ['add', 'FILE', ''], 'x', 65, /user name is empty/],
  ['an absurd cost', ['add', '-C', '16', 'FILE', 'a'], '', 64, /from 4 to 15/],
];

for (const [title, args, stdin, status, message] of FAILURES) {
  test(`pis5user ends with ${status} for ${title} and changes nothing`, async (t) => {
    const file = fileWith(KEPT);
    const outcome = await pis5user(
      args.map((arg) => arg.replace('FILE', file)),
      stdin,
    );
    t.is(outcome.status, status, outcome.stderr);
    t.regex(outcome.stderr, message);
    t.is(outcome.stdout, '');
    t.is(readFileSync(file, 'utf8'), KEPT);
    t.false(existsSync(`${file}.lock`));
  });
}

test('pis5user refuses a symbolic link and leaves its target alone', async (t) => {
  const file = fileWith(KEPT);
  const link = `${file}.link`;
  symlinkSync(file, link);
  const { status, stderr } = await pis5user(['delete', link, 'zoe']);
  t.is(status, 66);
  t.regex(stderr, /symbolic link/);
  t.is(readFileSync(file, 'utf8'), KEPT);
});

test('pis5user does not change a file that another one is changing', async (t) => {
  const file = fileWith(KEPT);
  writeFileSync(`${file}.lock`, 'mine');
  const { status, stderr } = await pis5user(['delete', file, 'zoe']);
  t.is(status, 73);
  t.regex(stderr, /users\d+\.lock: file already exists; if no other pis5user is at work/);
  t.is(readFileSync(`${file}.lock`, 'utf8'), 'mine');
  t.is(readFileSync(file, 'utf8'), KEPT);
});

test('pis5user leaves no other file behind', async (t) => {
  const own = mkdtempSync(join(folder, 'own-'));
  await pis5user(['add', '-c', ...FAST, join(own, 'users'), 'alice'], 'secret');
  t.deepEqual(readdirSync(own), ['users']);
});

test('pis5user --help and --version answer on stdout', async (t) => {
  t.regex((await pis5user(['--help'])).stdout, /^Usage: pis5user add/);
  t.regex((await pis5user(['-V'])).stdout, /^pis5user \(picosocks5\) \d+\.\d+\.\d+\n$/);
});
