import { linkSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { acquirePidFile } from '../../src/daemon/unix/pidfile.ts';
import { DEAD_PID, folder, own } from '../support/pidfiles.ts';

test('acquirePidFile() writes the pid alone, for everybody to read, and release() removes it', (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const before = process.umask(0o027);
  t.teardown(() => process.umask(before));
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.is(statSync(path).mode & 0o7777, 0o644);
  t.deepEqual(readdirSync(directory), ['pid'], 'no draft stays');
  t.is(file.release(), undefined);
  t.deepEqual(readdirSync(directory), []);
});

test('acquirePidFile() refuses while the owner lives, and replaces the file when it was killed', async (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const owner = await own(t, path);
  const error = t.throws(() => acquirePidFile(path), { instanceOf: StartFailure });
  t.is(error.status, 71);
  t.regex(error.message, new RegExp(`^already running as pid ${owner.answer.pid ?? 0}, says `));
  await owner.kill();
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.deepEqual(readdirSync(directory), ['pid']);
  file.release();
});

test('acquirePidFile() sees that the pid went to a younger process', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${process.ppid}\n`);
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  file.release();
});

test('acquirePidFile() takes a file with its own pid, as a container leaves one, for stale', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${process.pid}\n`);
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  file.release();
});

for (const [title, content] of [
  ['an empty file', ''],
  ['the NUL bytes of a crash', '\0'.repeat(6)],
  ['white space', '\n'],
] as const) {
  test(`acquirePidFile() replaces ${title}`, (t) => {
    const path = join(folder(t), 'pid');
    writeFileSync(path, content);
    const file = acquirePidFile(path);
    t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
    file.release();
  });
}

for (const content of [
  'listen = *:1080\n',
  '-1\n',
  '0\n',
  '1e3\n',
  '12 34\n',
  '4294967297\n',
  `1${' '.repeat(40)}x`,
  '\0'.repeat(100),
]) {
  test(`acquirePidFile() removes no file that holds ${JSON.stringify(content.trim().slice(0, 20))}`, (t) => {
    const directory = folder(t);
    const path = join(directory, 'pid');
    writeFileSync(path, content);
    t.throws(() => acquirePidFile(path), {
      instanceOf: StartFailure,
      message: /what is there is no pid file/,
    });
    t.is(readFileSync(path, 'utf8'), content);
    t.deepEqual(readdirSync(directory), ['pid']);
  });
}

test('acquirePidFile() leaves a stale file alone that another start is replacing', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${DEAD_PID}\n`);
  linkSync(path, `${path}.stale`);
  t.throws(() => acquirePidFile(path), { instanceOf: StartFailure, message: /another start is replacing/ });
  t.is(readFileSync(path, 'utf8'), `${DEAD_PID}\n`);
});

for (const [title, prepare] of [
  ['a free name', () => undefined],
  ['a stale file', (path: string) => writeFileSync(path, `${DEAD_PID}\n`)],
] as const) {
  test(`acquirePidFile() lets one of several racers win over ${title}`, async (t) => {
    const directory = folder(t);
    const path = join(directory, 'pid');
    prepare(path);
    // Far enough ahead for all to have loaded on an idle machine; on a busy one fewer meet, and one still wins.
    const startAtMs = String(Date.now() + 2000);
    const racers = await Promise.all(Array.from({ length: 5 }, () => own(t, path, startAtMs)));
    const winners = racers.filter(({ answer }) => answer.pid !== undefined);
    t.is(winners.length, 1);
    t.is(readFileSync(path, 'utf8'), `${winners[0]?.answer.pid ?? 0}\n`);
    for (const { answer } of racers) if (answer.pid === undefined) t.is(answer.status, 71, answer.message);
    t.deepEqual(readdirSync(directory), ['pid']);
  });
}

test('release() leaves a file that somebody else put in its place', (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const file = acquirePidFile(path);
  rmSync(path);
  writeFileSync(path, '1\n');
  t.is(file.release(), undefined);
  t.is(readFileSync(path, 'utf8'), '1\n');
});
