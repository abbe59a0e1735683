import test, { type ExecutionContext } from 'ava';
import { LocalSyslog } from '../../src/observe/syslog/localsyslog.ts';
import { openLoggerSender } from '../../src/observe/syslog/loggersender.ts';
import { droppedLine, longestGap, textLine } from '../support/logline.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';

const STAMP = '[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d';
const RECORDS = 20_000;
const STANDSTILL_MS = 1000;
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

async function openSink(t: ExecutionContext, path: string) {
  const warnings: string[] = [];
  const sinks: LocalSyslog[] = [];
  const sender = await openLoggerSender(
    { path, ident: 'picosocks5', pid: 4242, runAs: NOBODY },
    () => sinks[0]?.wake(),
    (sentence) => warnings.push(sentence),
  );
  const sink = new LocalSyslog(sender, droppedLine);
  sinks.push(sink);
  t.teardown(() => sender.close());
  return { sink, warnings };
}

test('a record arrives whole with priority, ident and our pid', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const { sink, warnings } = await openSink(t, path);
  const long = `ended user="${'ü'.repeat(900)}"`;
  sink.write(textLine('login-failed', 'warn'));
  sink.write(textLine(long));
  await sink.drained();
  await socket.until((record) => record.endsWith(long));
  t.regex(socket.records[0]!, new RegExp(`^<28>${STAMP} picosocks5\\[4242\\]: login-failed$`));
  t.regex(socket.records[1]!, new RegExp(`^<30>${STAMP} picosocks5\\[4242\\]: ended user="ü{900}"$`));
  t.deepEqual(warnings, []);
});

test('a log daemon that stalls holds nothing up, and afterwards every record is there or counted', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'later');
  t.teardown(() => socket.close());
  const { sink } = await openSink(t, path);
  const gap = await longestGap(async () => {
    for (let at = 0; at < RECORDS; at++) {
      sink.write(textLine(`record=${at}`));
      if (at % 100 === 0) await new Promise(setImmediate);
    }
  });
  t.true(gap < STANDSTILL_MS, `${gap} ms`);
  socket.release();
  const told = await socket.until((record) => record.includes('log-dropped'));
  const dropped = Number(/ended:(\d+)$/.exec(told)?.[1]);
  t.is(socket.records.length - 1 + dropped, RECORDS);
  for (const [at, record] of socket.records.slice(0, -1).entries()) t.true(record.endsWith(`: record=${at}`));
  await sink.drained();
});

test('a log daemon that is away is reported once, and nothing is lost when it comes back', async (t) => {
  const path = newSocketPath();
  const { sink, warnings } = await openSink(t, path);
  sink.write(textLine('early=1'));
  const first = await openLogSocket(path, 'now');
  await first.until((record) => record.endsWith('early=1'));
  await sink.drained();
  await first.close();
  for (const text of ['away=1', 'away=2', 'away=3']) sink.write(textLine(text));
  await waitFor(() => warnings.length === 2);
  const second = await openLogSocket(path, 'now');
  t.teardown(() => second.close());
  await second.until((record) => record.endsWith('away=3'));
  await sink.drained();
  t.deepEqual(
    second.records.map((record) => record.slice(record.indexOf(': ') + 2)),
    ['away=1', 'away=2', 'away=3'],
  );
  t.regex(warnings[0]!, /^cannot write to the system log at .*: no such socket; /);
  t.regex(warnings[1]!, /^cannot write to the system log at .*: logger: .*Connection refused; /);
});

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((settle) => setTimeout(settle, 5));
}
