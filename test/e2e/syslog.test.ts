// The log of the daemon in a real datagram socket in the place of /dev/log.
import { writeFileSync } from 'node:fs';
import test from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const toSyslog = (path: string) => ['--logmode', 'combined', '--syslog', `unix:${path}`];

test('a session is one record with facility daemon and our own pid', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, toSyslog(path));
  (await connectThrough(daemon.port, echo)).socket.end();
  const record = await socket.until((each) => each.includes(' ended '));
  // Facility 3 and level info (6): <30>.
  t.regex(record, new RegExp(`^<30>.*picosocks5\\[${daemon.pid}\\]: ended id=1 client=127\\.0\\.0\\.1:`));
  t.regex(record, new RegExp(`dest=127\\.0\\.0\\.1:${echo} .*why=client-fin`));
});

test('no client can forge a record', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const users = await run(['htpasswd', '-nbB', '-C', '4', 'alice', 'secret']);
  const file = `${path}.users`;
  writeFileSync(file, users.stdout);
  const daemon = await startDaemon(t, [...toSyslog(path), '--auth', file]);
  const wire = await dialWire(daemon.port);
  const name = Buffer.from('x\n<30>picosocks5[1]: ended id=1 user=root\r\0"why=');
  wire.send(Buffer.concat([Uint8Array.of(5, 1, 2, 1, name.length), name, Uint8Array.of(1, 0x78)]));
  t.is((await wire.rest()).toString('hex'), '05020101');
  const record = await socket.until((each) => each.includes('login-failed'));
  t.false(/[\n\r\0]./.test(record), record);
  t.true(record.includes(String.raw`x\n<30>`), record);
  t.false(socket.records.some((each) => /^<30>picosocks5\[1\]/.test(each)));
});

test('a stalled reader costs no latency, and what was dropped is counted afterwards', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'later');
  t.teardown(() => socket.close());
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, [...toSyslog(path), '--loglevel', 'debug']);
  const open = await connectThrough(daemon.port, echo);
  const latencies: number[] = [];
  for (let each = 0; each < 1500; each++) {
    (await connectThrough(daemon.port, echo)).socket.resetAndDestroy();
    if (each % 10 > 0) continue;
    const sentAt = performance.now();
    open.send('x');
    await open.take(1);
    latencies.push(performance.now() - sentAt);
  }
  latencies.sort((a, b) => a - b);
  const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? Infinity;
  t.log(`p99 ${p99.toFixed(1)} ms while nobody read the log`);
  t.true(p99 < 50);
  socket.release();
  const dropped = await socket.until((each) => each.includes('log-dropped'));
  t.regex(dropped, /count=\d+/);
  open.socket.destroy();
});
