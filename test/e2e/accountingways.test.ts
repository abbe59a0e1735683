// accounting = syslog and accounting = -: where records go besides a file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { PROGRAM, startDaemon } from '../support/daemon.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { freePort } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

test('accounting = syslog: each record is one of the system log, and - writes lines to standard output', async (t) => {
  const path = newSocketPath();
  const socket = await openLogSocket(path, 'now');
  t.teardown(() => socket.close());
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, ['--accounting', 'syslog', '--syslog', `unix:${path}`]);
  const wire = await connectThrough(daemon.port, echo);
  wire.send('abc');
  await wire.take(3);
  wire.socket.end();
  // Facility 3 and level info (6): <30>.
  const heading = new RegExp(`^<30>.*picosocks5\\[${daemon.pid}\\]: `);
  const told = await socket.until((record) => record.includes('"record":"stop"'));
  t.regex(told, heading);
  const { record, up, down, moreUp } = JSON.parse(told.replace(heading, '')) as Record<string, unknown>;
  t.deepEqual([record, up, down, moreUp], ['stop', 3, 3, 3]);
  t.true(socket.records.some((each) => each.includes('"record":"start"')));

  const output = await collected(t, ['--accounting', '-', '--accounting-format', 'csv'], echo);
  t.deepEqual(
    output.split('\n').map((line) => line.split(',')[1]),
    ['start', 'stop', undefined],
  );
});

/** Standard output of a daemon that has served one session, to its end. */
async function collected(t: ExecutionContext, args: readonly string[], echo: number): Promise<string> {
  const port = await freePort();
  const command = ['--nofork', '--logmode', 'stderr', ...args, `127.0.0.1:${port}`];
  const child = spawn(PROGRAM, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let [output, log] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await new Promise<void>((started, failed) => {
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes(' started ')) started();
    });
    child.once('close', () => failed(new Error(`it has ended: ${log}`)));
  });
  const wire = await connectThrough(port, echo);
  wire.socket.end();
  await wire.rest();
  child.kill('SIGTERM');
  await once(child, 'close');
  return output;
}
