import test, { type ExecutionContext } from 'ava';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { openStderr } from '../../src/observe/lines/stderr.ts';
import { droppedLine, textLine } from '../support/logline.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

const PROGRAM = join(import.meta.dirname, '../support/noisy-stderr.ts');
const RECORDS = 20_000;
const STANDSTILL_MS = 1000;

function runNoisy(stderr: 'pipe' | number): ChildProcess {
  const stdio = ['pipe', 'pipe', stderr] as const;
  return spawn(process.execPath, [TYPESCRIPT, PROGRAM, String(RECORDS)], { stdio: [...stdio] });
}

/** A real pipe: its path, and a descriptor that keeps it open for both directions and reads nothing. */
function makePipe(): { path: string; fd: number } {
  const path = join(mkdtempSync(join(tmpdir(), 'pis5pipe')), 'pipe');
  execFileSync('mkfifo', [path]);
  return { path, fd: openSync(path, constants.O_RDWR) };
}

async function readGap(child: ChildProcess): Promise<number> {
  const [bytes] = (await once(child.stdout!, 'data')) as [Buffer];
  return Number(bytes.toString());
}

/** All lines until the end of the stream, or until `isLast` says so. */
async function readLines(stream: Readable, isLast: (text: string) => boolean): Promise<string[]> {
  let text = '';
  for await (const bytes of stream) {
    text += (bytes as Buffer).toString();
    if (isLast(text)) break;
  }
  return text.split('\n').slice(0, -1);
}

/** Every record is there in its order, or counted as dropped. */
function checkComplete(t: ExecutionContext, lines: readonly string[]): void {
  const dropped = Number(/log-dropped ended:(\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
  t.true(dropped > 0, lines.at(-1));
  t.is(lines.length - 1 + dropped, RECORDS);
  for (const [at, line] of lines.slice(0, -1).entries()) {
    t.regex(line, new RegExp(`^2023-11-1\\dT[\\d:.]+[+-]\\d\\d:\\d\\d info record=${at} x{100}$`));
  }
}

const hasCount = (text: string) => /log-dropped ended:\d+\n$/.test(text);

test('a pipe that nobody reads does not hold the event loop, and what was lost is told afterwards', async (t) => {
  const { path, fd } = makePipe();
  const child = runNoisy(fd);
  t.true((await readGap(child)) < STANDSTILL_MS);
  child.stdin!.write('drain\n');
  const exited = once(child, 'exit');
  checkComplete(t, await readLines(createReadStream(path), hasCount));
  t.deepEqual(await exited, [7, null]);
  closeSync(fd);
});

test('a socket that nobody reads does not hold the event loop, and what was lost is told afterwards', async (t) => {
  const child = runNoisy('pipe');
  t.true((await readGap(child)) < STANDSTILL_MS);
  child.stdin!.write('drain\n');
  const exited = once(child, 'exit');
  checkComplete(t, await readLines(child.stderr!, hasCount));
  t.deepEqual(await exited, [7, null]);
});

test('a pipe that nobody reads does not keep the process from ending', async (t) => {
  const { fd } = makePipe();
  const child = runNoisy(fd);
  await readGap(child);
  const exited = once(child, 'exit');
  child.stdin!.write('exit\n');
  t.deepEqual(await exited, [7, null]);
  closeSync(fd);
});

test('a reader that goes away ends the records, not the process', async (t) => {
  const child = runNoisy('pipe');
  child.stderr!.destroy();
  t.true((await readGap(child)) < STANDSTILL_MS);
  const exited = once(child, 'exit');
  child.stdin!.write('drain\n');
  t.deepEqual(await exited, [7, null]);
});

test('a file gets text with time and level, and JSON as it is', async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'pis5file')), 'log');
  const fd = openSync(path, 'a');
  const sink = openStderr(fd, droppedLine);
  sink.write(textLine('started', 'notice'));
  sink.write({ ...textLine('{"event":"ended"}'), format: 'json' });
  await sink.drained();
  await sink.close();
  closeSync(fd);
  const lines = readFileSync(path, 'utf8').split('\n');
  t.regex(lines[0]!, /^2023-11-1\dT[\d:.]+[+-]\d\d:\d\d notice started$/);
  t.deepEqual(lines.slice(1), ['{"event":"ended"}', '']);
});

test('a full disk keeps the lines, and a closed descriptor is no error', async (t) => {
  const full = openStderr(openSync('/dev/full', 'w'), droppedLine);
  full.write(textLine('kept'));
  let isDrained = false;
  void full.drained().then(() => (isDrained = true));
  await new Promise((settle) => setTimeout(settle, 20));
  t.false(isDrained);
  await full.close();
  const none = openStderr(9999, droppedLine);
  none.write(textLine('lost'));
  await t.notThrowsAsync(none.drained());
});
