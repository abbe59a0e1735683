// The built program as inetd starts it: one process for each client, which is its standard input.
import { writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { PROGRAM, runProgram, temporaryFolder } from '../support/daemon.ts';
import { startInetd, type Inetd } from '../support/inetd.ts';
import { newSocketPath, openLogSocket } from '../support/logsocket.ts';
import { asRoot } from '../support/root.ts';
import { dialWire, freePort, listenTarget } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer, webServer } from '../support/targets.ts';

/** The program with a log daemon of the test in the place of /dev/log. */
async function startLogged(t: ExecutionContext, args: readonly string[] = []) {
  const path = newSocketPath();
  const log = await openLogSocket(path, 'now');
  t.teardown(() => log.close());
  const inetd = await startInetd(t, [PROGRAM, '--inetd', '--syslog', `unix:${path}`, ...args]);
  return { inetd, log };
}

/** Settles once `count` clients are served at the same time. */
async function serveAtOnce({ port, exited }: Inetd, echo: number, count: number): Promise<string[]> {
  const wires = await Promise.all(Array.from({ length: count }, () => connectThrough(port, echo)));
  const answers = wires.map(async (wire, at) => {
    wire.send(`${at}`);
    wire.socket.end();
    return (await wire.rest()).toString();
  });
  const texts = await Promise.all(answers);
  for (let at = 0; at < count; at++) await exited();
  return texts;
}

for (const transport of ['streams', 'engine']) {
  test(`${transport}: a client of inetd is served, half-closed and logged to syslog, and its process ends`, async (t) => {
    const { inetd, log } = await startLogged(t, ['--transport', transport]);
    const wire = await connectThrough(inetd.port, await echoServer(t));
    const bytes = Buffer.alloc(1_000_000, 'picosocks5');
    wire.send(bytes);
    wire.socket.end();
    t.true((await wire.rest()).equals(bytes));
    t.is(await inetd.exited(), 0);
    t.regex(
      await log.until((record) => record.includes(' ended ')),
      /picosocks5\[\d+\]: ended id=1 .* up=1000000 down=1000000 /,
    );
    t.false(log.records.some((record) => / (started|stopped) /.test(record)));
  });
}

test('clients of inetd have a process each', async (t) => {
  const { inetd } = await startLogged(t);
  t.deepEqual(await serveAtOnce(inetd, await echoServer(t), 3), ['0', '1', '2']);
  t.is(new Set(inetd.children.map(({ pid }) => pid)).size, 3);
});

test('a client of inetd that is refused gets the whole reply', async (t) => {
  const { inetd, log } = await startLogged(t);
  const wire = await dialWire(inetd.port);
  // CONNECT to port 1, and what a client sends that does not wait for the answer.
  wire.send(Buffer.from('050100050100017f00000100016d6f7265', 'hex'));
  t.is((await wire.rest()).toString('hex'), '050005050001000000000000');
  t.is(await inetd.exited(), 0);
  await log.until((record) => / refused .* why=CONNECTION_REFUSED /.test(record));
});

test('no word for the operator reaches the client, be the log or the configuration wrong', async (t) => {
  const file = join(temporaryFolder(t), 'bad.conf');
  writeFileSync(file, 'idle-timout = 5\n');
  for (const [args, status, heard] of [
    [['--logmode', 'stderr', '--syslog', 'unix:/nonexistent/log'], 0, '0500'],
    [['-c', file], 78, ''],
  ] as const) {
    const inetd = await startInetd(t, [PROGRAM, '--inetd', ...args]);
    const wire = await dialWire(inetd.port);
    wire.send(Uint8Array.of(5, 1, 0));
    wire.socket.end();
    t.is((await wire.rest().catch(() => Buffer.of())).toString('hex'), heard);
    t.is(await inetd.exited(), status);
  }
});

test('the usage of a program that is stood in for does not reach the client', async (t) => {
  const inetd = await startInetd(t, [PROGRAM, '--as', 'srelay', '--', '-I', '-Z']);
  const wire = await dialWire(inetd.port);
  t.is((await wire.rest()).toString(), '');
  t.is(await inetd.exited(), 1);
});

test('SIGTERM ends the session of inetd', async (t) => {
  const { inetd, log } = await startLogged(t);
  const wire = await connectThrough(inetd.port, await echoServer(t));
  const [child] = inetd.children;
  child!.kill('SIGHUP');
  wire.send('on');
  t.is((await wire.take(2)).toString(), 'on');
  child!.kill('SIGTERM');
  t.is(await wire.ending(), 'reset');
  t.is(await inetd.exited(), 0);
  await log.until((record) => / ended .* why=cut/.test(record));
});

for (const transport of ['streams', 'engine']) {
  test(`${transport}: a reset by the target reaches the client of inetd`, async (t) => {
    const { inetd } = await startLogged(t, ['--transport', transport]);
    const target = await listenTarget();
    t.teardown(() => target.close());
    const wire = await connectThrough(inetd.port, target.port);
    (await target.accept()).socket.resetAndDestroy();
    t.is(await wire.ending(), 'reset');
    t.is(await inetd.exited(), 0);
  });
}

for (const when of ['handshake', 'relay'] as const) {
  test(`a client of inetd that resets in the ${when} is no bug`, async (t) => {
    const { inetd, log } = await startLogged(t);
    const echo = await echoServer(t);
    const wire = await (when === 'relay' ? connectThrough(inetd.port, echo) : dialWire(inetd.port));
    if (when === 'handshake') {
      wire.send(Uint8Array.of(5, 1, 0));
      await wire.take(2);
    }
    wire.socket.resetAndDestroy();
    t.is(await inetd.exited(), 0);
    t.regex(await log.until((record) => / (ended|refused) /.test(record)), / why=(client-reset|PEER_RESET)/);
  });
}

test('standard input that is no client is an error that says what to set', async (t) => {
  const { status, stderr } = await runProgram(['--inetd']);
  t.is(status, 71);
  t.regex(stderr, /standard input is no connected TCP socket: inetd\.conf needs "stream tcp nowait"/);
});

test('it is a server for systemd-socket-activate --inetd', async (t) => {
  const port = await freePort();
  const listen = ['systemd-socket-activate', '--inetd', '--accept', `--listen=127.0.0.1:${port}`];
  const command = [...listen, PROGRAM, '--as', 'srelay', '--', '-I'];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(createInterface({ input: child.stderr }), 'line');
  const web = await webServer(t);
  const { stdout, stderr } = await run([
    'curl',
    '-sS',
    '--socks5',
    `127.0.0.1:${port}`,
    `http://127.0.0.1:${web}/x`,
  ]);
  t.is(stdout, 'hello from /x', stderr);
});

asRoot('a client of inetd is served without the privileges of root', async (t) => {
  const { inetd, log } = await startLogged(t, ['-u', 'nobody', '--auth', 'shadow:']);
  const wire = await dialWire(inetd.port);
  wire.send(Uint8Array.of(5, 1, 2));
  t.is((await wire.take(2)).toString('hex'), '0502');
  const status = await run(['grep', '-E', '^(Uid|Groups):', `/proc/${inetd.children[0]!.pid}/status`]);
  t.regex(status.stdout, /^Uid:\t65534\t65534\t65534\t65534\nGroups:\t65534 ?\n$/);
  wire.socket.destroy();
  t.is(await inetd.exited(), 0);
  t.deepEqual(
    log.records.filter((record) => / warn /.test(record)),
    [],
  );
});
