import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readShadow, type KeptAccounts } from '../../src/auth/files/shadowfile.ts';
import { loadUsers } from '../../src/auth/files/users.ts';
import type { AuthSource, Problem } from '../../src/config/model/config.ts';
import { formatProblem } from '../../src/config/values/problem.ts';

const DES = 'abNANd1rDfiNc';

const folder = mkdtempSync(join(tmpdir(), 'shadow-'));
test.after.always(() => rmSync(folder, { recursive: true }));

function sourceOf(name: string): AuthSource {
  return { format: 'shadow', file: join(folder, name), origin: { file: 'picosocks5.conf', line: 3 } };
}

test('readShadow() keeps the accounts for the time when the file is out of reach', (t) => {
  const source = sourceOf('later-gone');
  const kept: KeptAccounts = new Map();
  writeFileSync(source.file, `alice:${DES}:::::::\n`);
  const problems: Problem[] = [];
  const first = readShadow(source, kept, problems);
  t.deepEqual(problems, []);
  rmSync(source.file);
  t.deepEqual(readShadow(source, kept, problems), first);
  t.is(
    formatProblem(problems[0]!).replace(folder, ''),
    '/later-gone: warning: cannot be read again (no such file or directory): the accounts stay as they were, until a new start',
  );
  writeFileSync(source.file, `bob:${DES}:::::::\n`);
  t.deepEqual(
    readShadow(source, kept, problems).map(({ user }) => user),
    ['bob'],
  );
});

test('readShadow() says at the start who has to read it', (t) => {
  const problems: Problem[] = [];
  t.deepEqual(readShadow(sourceOf('missing'), new Map(), problems), []);
  t.is(
    formatProblem(problems[0]!).replace(folder, ''),
    '/missing: cannot be read: no such file or directory; start as root (users, named at picosocks5.conf:3)',
  );
});

test('loadUsers() tells of an account whose hash is of no use, and of no locked one', (t) => {
  const source = sourceOf('mixed');
  writeFileSync(source.file, `a:$gy$j9T$a$b:::::::\nb:!${DES}:::::::\nc:${DES}::::::20000:\n`);
  const { users, problems } = loadUsers([source], 'accept');
  t.deepEqual(
    problems.map((problem) => formatProblem(problem).replace(folder, '')),
    [
      '/mixed:1: warning: user a has a hash of an unsupported kind (gost-yescrypt); set the password again: this line lets nobody in',
    ],
  );
  t.is(users.byName.get('c')?.validUntilMs, 20_000 * 86_400_000);
  t.false(users.byName.has('b'));
});
