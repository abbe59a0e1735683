import test from 'ava';
import { socketSender } from '../../src/observe/syslog/socketsender.ts';
import type { Sent } from '../../src/observe/syslog/syslogsender.ts';

const HEADER = { path: '/dev/log', ident: 'picosocks5', pid: 42 };

test('socketSender() writes the header of syslog(3) and passes the answer on', (t) => {
  const datagrams: string[] = [];
  const socket = {
    send: (bytes: Uint8Array) => (datagrams.push(Buffer.from(bytes).toString()) === 1 ? 'sent' : 'full'),
    close: () => datagrams.push('closed'),
  } as const;
  const sender = socketSender(socket, HEADER, (sentence) => t.fail(sentence));
  t.is(sender.send(30, 'started', new Date(2026, 0, 3, 4, 5, 6).getTime()), 'sent');
  t.is(sender.send(28, 'späť', new Date(2026, 11, 31, 23, 59, 59).getTime()), 'full');
  void sender.close();
  t.deepEqual(datagrams, [
    '<30>Jan  3 04:05:06 picosocks5[42]: started',
    '<28>Dec 31 23:59:59 picosocks5[42]: späť',
    'closed',
  ]);
});

test('socketSender() warns once for each time that the log daemon is away', (t) => {
  const answers: Sent[] = ['gone', 'full', 'gone', 'sent', 'full', 'gone'];
  const warnings: string[] = [];
  const socket = { send: () => answers.shift() ?? 'sent', close: () => undefined };
  const sender = socketSender(socket, HEADER, (sentence) => warnings.push(sentence));
  const counts = Array.from({ length: 6 }, () => {
    sender.send(30, 'x', 0);
    return warnings.length;
  });
  t.deepEqual(counts, [1, 1, 1, 1, 1, 2]);
  t.regex(warnings[0]!, /^cannot write to the system log at \/dev\/log: nobody listens there; /);
});
