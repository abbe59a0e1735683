// pis5user add FILE -: many users from a list, all or none, and how far it is.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../support/daemon.ts';
import { pis5user, PIS5USER_COMMAND } from '../support/pis5user.ts';

const FAST = ['-C', '4'];

test('add FILE - adds all users of a list, and Apache accepts their passwords', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  const list = 'ann:one\n\nbob:two:with:colons \r\nf\u00fcnf:\u00fc\nlast:x';
  const { status, stdout, stderr } = await pis5user(['add', '-c', ...FAST, file, '-'], list);
  t.deepEqual([status, stdout, stderr], [0, `added 4 users to ${file}\n`, '']);
  t.deepEqual(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.replace(/\$2y\$04\$[./0-9A-Za-z]{53}$/, 'HASH')),
    ['ann:HASH', 'bob:HASH', 'f\u00fcnf:HASH', 'last:HASH', ''],
  );
  for (const [user, password] of [
    ['bob', 'two:with:colons '],
    ['f\u00fcnf', '\u00fc'],
    ['last', 'x'],
  ] as const)
    execFileSync('htpasswd', ['-vb', file, user, password], { stdio: 'ignore' });
  t.is(
    (await pis5user(['add', ...FAST, '-g', 'staff', file, '-'], 'eve:x')).stdout,
    `added one user to ${file}\n`,
  );
  t.regex(readFileSync(file, 'utf8'), /\neve:staff:\$2y\$04\$\S+\n$/);
});

test('a list with mistakes adds nobody, and each mistake is told with its line', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  writeFileSync(file, 'ann:x');
  const list = 'new:good\nann:again\nno-colon\n:nobody\nnew:twice\na\x1bb:x\n#c:x\n';
  const { status, stderr } = await pis5user(['add', ...FAST, file, '-'], list);
  t.is(status, 65);
  t.deepEqual(stderr.split('\n'), [
    'pis5user: line 3: the password is empty',
    'line 4: the user name is empty',
    'line 6: the user name holds a control character',
    'line 7: the user name starts with #, which makes a comment of the line',
    `line 2: ann is in ${file} already`,
    'line 5: new stands in line 1 as well',
    'nothing was changed',
    '',
  ]);
  t.is(readFileSync(file, 'utf8'), 'ann:x');
  const many = Array.from({ length: 50 }, () => 'x').join('\n');
  t.regex(
    (await pis5user(['add', ...FAST, file, '-'], many)).stderr,
    /\nand \d+ more\nnothing was changed\n$/,
  );
});

/** Runs it with `list` on a terminal that shows its standard error, and types Ctrl-C when `until` has been shown. */
async function onTerminal(
  t: ExecutionContext,
  { args, list, until }: { args: readonly string[]; list: string; until?: RegExp },
): Promise<{ status: number | null; output: string }> {
  const from = join(temporaryFolder(t), 'list');
  writeFileSync(from, list);
  const command = [...PIS5USER_COMMAND, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const child = spawn('script', ['-qec', `exec ${command} <'${from}'`, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  let pattern = until;
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
    if (pattern?.test(output) !== true) return;
    pattern = undefined;
    child.stdin.write('\x03');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

const crowd = (count: number): string =>
  Array.from({ length: count }, (_, at) => `user${at}:pw${at}\n`).join('');

test('on a terminal it shows how far it is', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  const { status, output } = await onTerminal(t, {
    args: ['add', '-c', '-C', '8', file, '-'],
    list: crowd(20),
  });
  t.is(status, 0, output);
  t.regex(output, /\rhashed \d+ of 20 passwords, \d+ s to go.\[K/);
  t.regex(output, /\r.\[Kadded 20 users to /);
  t.is(readFileSync(file, 'utf8').split('\n').length, 21);
});

test('Ctrl-C in the middle changes nothing', async (t) => {
  const file = join(temporaryFolder(t), 'users');
  const { status, output } = await onTerminal(t, {
    args: ['add', '-c', '-C', '11', file, '-'],
    list: crowd(2000),
    until: /hashed \d+ of 2000/,
  });
  t.is(status, 130, output);
  t.regex(output, /pis5user: interrupted; nothing was changed\r\n$/);
  t.false(existsSync(file));
});
