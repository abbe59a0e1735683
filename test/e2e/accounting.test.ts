// accounting: sums to the byte, rotation at SIGHUP, hostile names, and pis5ctl usage.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

interface Accounted {
  readonly daemon: Daemon;
  readonly echo: number;
  readonly file: string;
  readonly folder: string;
}

async function accounted(t: ExecutionContext, args: readonly string[] = []): Promise<Accounted> {
  const folder = temporaryFolder(t);
  const [file, users] = [join(folder, 'accounting'), join(folder, 'users')];
  writeFileSync(users, 'ann:secret\n=bob:secret\n');
  const daemon = await startDaemon(t, [
    ...['--accounting', file, '--auth', users, '--allow-plaintext', '--state', join(folder, 'state')],
    ...['--limit', 'user day=1G', '--limit', 'client day=1G', ...args],
  ]);
  return { daemon, echo: await echoServer(t), file, folder };
}

async function move({ daemon, echo }: Accounted, user: string, bytes: number): Promise<void> {
  const wire = await connectThrough(daemon.port, echo, { user, password: 'secret' });
  wire.send('x'.repeat(bytes));
  await wire.take(bytes);
  wire.socket.end();
  await wire.rest();
}

const recordsOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('start, interim and stop: their sums are the bytes of the quotas, to the byte, over a rotation', async (t) => {
  const all = await accounted(t, ['--accounting-interval', '100ms']);
  const { daemon, file, folder } = all;
  const held = await connectThrough(daemon.port, all.echo, { user: 'ann', password: 'secret' });
  held.send('12345');
  await held.take(5);
  await move(all, 'ann', 1001);
  await move(all, '=bob', 77);
  // There is an interim record before the file is rotated away.
  while (!recordsOf(file).some((each) => each['record'] === 'interim' && each['moreUp'] === 5))
    await new Promise((settle) => setTimeout(settle, 50));
  renameSync(file, `${file}.1`);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  held.send('678');
  await held.take(3);
  held.socket.end();
  await held.rest();
  await move(all, 'ann', 500);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  const { moved, records } = sumsOf([`${file}.1`, file]);
  writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(`${file}.1`)));
  rmSync(`${file}.1`);
  const { stdout, stderr } = await pis5ctl('usage', 'user', 'month', '--csv', '--file', file);
  t.is(stderr, '');
  t.regex(stdout, /^\d{4}-\d\d,'=bob,1,77,77,154$/m);
  t.regex(stdout, /^\d{4}-\d\d,ann,3,1509,1509,3018$/m);
  const state = JSON.parse(readFileSync(join(folder, 'state'), 'utf8')) as {
    parts: { usage: { scope: string; name: string; dayBytes: number }[] };
  };
  t.deepEqual(
    state.parts.usage
      .filter(({ scope }) => scope === 'user')
      .map(({ name, dayBytes }) => [name, dayBytes])
      .sort(),
    [...moved].sort(),
  );
  t.is(moved.get('ann'), 2 * (8 + 1001 + 500));
  t.deepEqual(
    [records.filter((each) => each === 'start').length, records.filter((each) => each === 'stop').length],
    [4, 4],
  );
});

function sumsOf(files: readonly string[]): { moved: Map<string, number>; records: unknown[] } {
  const moved = new Map<string, number>();
  const all = files.flatMap(recordsOf);
  for (const { user, moreUp, moreDown } of all)
    moved.set(String(user), (moved.get(String(user)) ?? 0) + Number(moreUp) + Number(moreDown));
  return { moved, records: all.map(({ record }) => record) };
}

test('CSV: a user id that would be rows, cells and formulas is one cell, and usage reads it', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'accounting');
  const daemon = await startDaemon(t, ['--accounting', file, '--accounting-format', 'csv']);
  const echo = await echoServer(t);
  const wire = await dialWire(daemon.port);
  wire.send(Uint8Array.of(4, 1, echo >> 8, echo & 255, 127, 0, 0, 1));
  wire.send('=1+1",x\r\n2026,stop,\0');
  await wire.take(8);
  wire.send('abc');
  await wire.take(3);
  wire.socket.end();
  await daemon.line(/ ended /);
  daemon.signal('SIGTERM');
  await daemon.exited;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  t.is(lines.length, 3);
  t.regex(lines[0] ?? '', /^time,record,session,/);
  t.true(lines[2]?.includes(String.raw`"'=1+1"",x\u000d\u000a2026,stop,"`), lines[2]);
  const { stdout } = await pis5ctl('usage', 'total', 'day', '--file', file);
  t.regex(stdout, /^day +sessions +up +down +bytes\n\d{4}-\d\d-\d\d +1 +3 +3 +6\n$/);
});

test('what cannot be opened, and a daemon without standard output, say so and do not start', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'accounting'));
  await t.throwsAsync(startDaemon(t, ['--accounting', join(folder, 'accounting')]), {
    message:
      /cannot open accounting = .*\/accounting: .*directory.*; the service account must be able to write it/,
  });
  t.regex(
    (await pis5ctl('usage', '--file', join(folder, 'none'))).stderr,
    /cannot read .*there is no such file/,
  );
  t.regex((await pis5ctl('usage', 'users')).stderr, /usage: "users" is not .*did you mean "user"/);
});
