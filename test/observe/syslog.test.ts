import test from 'ava';
import { openSyslog } from '../../src/observe/syslog/syslog.ts';
import { droppedLine, textLine } from '../support/logline.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';

function choice(path: string, warnings: string[]) {
  return {
    syslog: { kind: 'local', path },
    ident: 'picosocks5',
    pid: 42,
    warn: (sentence: string) => void warnings.push(sentence),
  } as const;
}

test.serial('openSyslog() goes through logger to a local socket', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const warnings: string[] = [];
  const sink = await openSyslog(choice(path, warnings), droppedLine);
  sink!.write(textLine('started', 'notice'));
  t.regex(await socket.until(() => true), /^<29>.* picosocks5\[42\]: started$/);
  await sink!.close();
  t.deepEqual(warnings, []);
});

test.serial('openSyslog() prefers a datagram socket of our own where there is one', async (t) => {
  const sent: string[] = [];
  const datagramSocket = (path: string) => ({
    send: (bytes: Uint8Array) => (sent.push(`${path} ${Buffer.from(bytes).toString()}`), 'sent' as const),
    close: () => void sent.push('closed'),
  });
  const sink = await openSyslog({ ...choice('/dev/log', []), datagramSocket }, droppedLine);
  sink!.write(textLine('started', 'notice'));
  await sink!.close();
  t.regex(sent[0]!, /^\/dev\/log <29>.* picosocks5\[42\]: started$/);
  t.is(sent[1], 'closed');
});

test.serial('openSyslog() says once what to do where logger does not exist', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const before = process.env['PATH'];
  process.env['PATH'] = '/nonexistent';
  t.teardown(() => (process.env['PATH'] = before));
  const warnings: string[] = [];
  t.is(await openSyslog(choice(path, warnings), droppedLine), undefined);
  t.is(warnings.length, 1);
  t.regex(warnings[0]!, /cannot run logger: .*ENOENT; logging to standard error instead; install logger/);
});
