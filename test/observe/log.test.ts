import test from 'ava';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openLog } from '../../src/observe/log.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

const PROGRAM = join(import.meta.dirname, '../support/logging-program.ts');

function run(level: string, format: string): { out: string; lines: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [TYPESCRIPT, PROGRAM, level, format]);
  return { out: stdout.toString(), lines: stderr.toString().split('\n').slice(0, -1) };
}

test('a log takes records of its level, and others after configure()', (t) => {
  const { out, lines } = run('info', 'text');
  t.is(out, 'on\n');
  t.deepEqual(
    lines.map((line) => line.slice(line.indexOf(' ') + 1)),
    ['warn login-failed user="a\\nb"', 'debug accepted id=2 text="as set by a reload"'],
  );
});

test('a log of level none is silent', (t) => {
  const { out, lines } = run('none', 'text');
  t.is(out, 'off\n');
  t.is(lines.length, 1);
});

test('a JSON log holds one object per line with time, level, event and pid', (t) => {
  const { time, ...rest } = JSON.parse(run('info', 'json').lines[0]!) as Record<string, unknown>;
  t.true(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  t.deepEqual(rest, { level: 'warn', event: 'login-failed', pid: 42, user: 'a\nb' });
});

test('drain() waits for the reader, but no longer than it is told', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'later');
  t.teardown(() => socket.close());
  const log = await openLog({
    mode: 'syslog',
    level: 'info',
    format: 'text',
    syslog: { kind: 'local', path },
    ident: 'picosocks5',
    pid: 42,
    warn: (sentence) => t.fail(sentence),
  });
  for (let at = 0; at < 500; at++) log.write('info', 'ended', { id: at });
  const before = performance.now();
  await log.drain(50);
  t.true(performance.now() - before < 1000);
  socket.release();
  await log.drain(10_000);
  await socket.until((record) => record.endsWith('id=499'));
  t.is(socket.records.length, 500);
  await log.close();
});

test('close() ends even when the reader stalls for ever', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'later');
  t.teardown(() => socket.close());
  const log = await openLog({
    mode: 'syslog',
    level: 'info',
    format: 'text',
    syslog: { kind: 'local', path },
    ident: 'picosocks5',
    pid: 42,
    warn: (sentence) => t.fail(sentence),
  });
  for (let at = 0; at < 500; at++) log.write('info', 'ended', { id: at });
  const before = performance.now();
  await log.close();
  t.true(performance.now() - before < 3000);
});
