import test from 'ava';
import { socketSender } from '../../src/observe/socketsender.ts';

test('socketSender() writes the header of syslog(3) and passes the answer on', (t) => {
  const datagrams: string[] = [];
  const socket = {
    send: (bytes: Uint8Array) => (datagrams.push(Buffer.from(bytes).toString()) === 1 ? 'sent' : 'full'),
    close: () => datagrams.push('closed'),
  } as const;
  const sender = socketSender(socket, 'picosocks5', 42);
  t.is(sender.send(30, 'started', new Date(2026, 0, 3, 4, 5, 6).getTime()), 'sent');
  t.is(sender.send(28, 'späť', new Date(2026, 11, 31, 23, 59, 59).getTime()), 'full');
  void sender.close();
  t.deepEqual(datagrams, [
    '<30>Jan  3 04:05:06 picosocks5[42]: started',
    '<28>Dec 31 23:59:59 picosocks5[42]: späť',
    'closed',
  ]);
});
