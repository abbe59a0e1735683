// --takeover: a new daemon in the place of the old one, while clients come and relays run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { asRoot, IS_ROOT } from '../support/root.ts';
import { freePort, listenTarget, type Target } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { needing } from '../support/needing.ts';

async function echoTarget(t: ExecutionContext): Promise<Target> {
  const target = await listenTarget();
  target.server.on('connection', (socket) => socket.pipe(socket).on('error', () => undefined));
  t.teardown(() => target.close());
  return target;
}

/** Clients one after the other until stop(), which gives how many were served; rejects with the first that was not. */
function streamOfClients(port: number, target: Target): () => Promise<number> {
  const stopping = new AbortController();
  const served = (async () => {
    let count = 0;
    for (; !stopping.signal.aborted; count++) {
      const wire = await connectThrough(port, target.port);
      wire.send('x');
      await wire.take(1);
      wire.socket.end();
    }
    return count;
  })();
  // Looked at in the end.
  served.catch(() => undefined);
  return () => {
    stopping.abort();
    return served;
  };
}

interface Scene {
  readonly args: readonly string[];
  readonly listen: readonly string[];
  readonly port: number;
  readonly control: string;
  readonly pidFile: string;
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const [control, pidFile] = [join(folder, 'control'), join(folder, 'pid')];
  const args = ['--control', control, '--pidfile', pidFile, '--state', join(folder, 'state')];
  return { args, listen: [`127.0.0.1:${port}`], port, control, pidFile };
}

async function pidAt(control: string): Promise<number> {
  const { stdout } = await pis5ctl('--control', control, '--json', 'status');
  return (JSON.parse(stdout) as { status: { pid: number } }).status.pid;
}

test('no client is refused while a new daemon takes over, and open relays go on', async (t) => {
  const { args, listen, port, control, pidFile } = await scene(t);
  const target = await echoTarget(t);
  const old = await startDaemon(t, args, { listen });
  const relay = await connectThrough(port, target.port);
  const stop = streamOfClients(port, target);
  const fresh = await startDaemon(t, [...args, '--takeover'], { listen });
  await old.line(/ draining /);
  await fresh.line(new RegExp(` took-over pid=${old.pid}$`));
  t.deepEqual(fresh.ports, [port]);
  relay.send('still here');
  t.is((await relay.take(10)).toString(), 'still here');
  t.is(await pidAt(control), fresh.pid);
  t.is(readFileSync(pidFile, 'utf8'), `${fresh.pid}\n`);
  relay.socket.end();
  t.is(await old.exited, 0);
  t.true((await stop()) > 0);
  t.is(await pidAt(control), fresh.pid);
  t.is(readFileSync(pidFile, 'utf8'), `${fresh.pid}\n`);
  (await connectThrough(port, target.port)).socket.destroy();
  fresh.signal('SIGTERM');
  t.is(await fresh.exited, 0);
  t.false(existsSync(pidFile) || existsSync(control));
});

test('when the new daemon cannot start, the old one goes on as before', async (t) => {
  const { args, listen, port, control, pidFile } = await scene(t);
  const target = await echoTarget(t);
  const old = await startDaemon(t, args, { listen });
  const stop = streamOfClients(port, target);
  const taken = `127.0.0.1:${target.port}`;
  const failing = startDaemon(t, [...args, '--takeover'], { listen: [...listen, taken] });
  await t.throwsAsync(failing, { message: /ended with 71:[^]*another program already listens there/ });
  await old.line(/ takeover-failed /);
  t.true((await stop()) > 0);
  t.is(readFileSync(pidFile, 'utf8'), `${old.pid}\n`);
  t.is(await pidAt(control), old.pid);
  const fresh = await startDaemon(t, [...args, '--takeover'], { listen });
  t.is(await old.exited, 0);
  t.is(await pidAt(control), fresh.pid);
});

asRoot(
  'when the new daemon fails after the drop, the old one has its pid file and its socket again',
  async (t) => {
    const { args, listen, port, control, pidFile } = await scene(t);
    const account = ['-u', 'nobody', ...args];
    const old = await startDaemon(t, account, { listen });
    const forbidden = ['--takeover', '--transport', 'engine', '--mark', '7'];
    const failing = startDaemon(t, [...account, ...forbidden], { listen });
    await t.throwsAsync(failing, { message: /ended with 77:[^]*cannot set SO_MARK/ });
    await old.line(/ takeover-failed /);
    t.is(readFileSync(pidFile, 'utf8'), `${old.pid}\n`);
    t.is(await pidAt(control), old.pid);
    const target = await echoTarget(t);
    (await connectThrough(port, target.port)).socket.destroy();
    const fresh = await startDaemon(t, [...account, '--takeover'], { listen });
    t.is(await old.exited, 0);
    t.is(await pidAt(control), fresh.pid);
    t.is(readFileSync(pidFile, 'utf8'), `${fresh.pid}\n`);
  },
);

test('listeners that the new configuration does not name are closed with the old daemon', async (t) => {
  const { args, listen, port } = await scene(t);
  const other = await freePort();
  const old = await startDaemon(t, args, { listen: [...listen, `127.0.0.1:${other}`] });
  const fresh = await startDaemon(t, [...args, '--takeover'], { listen });
  t.is(await old.exited, 0);
  t.deepEqual(fresh.ports, [port]);
  await t.throwsAsync(connectThrough(other, 1), { code: 'ECONNREFUSED' });
});

test('where no daemon runs it is a start like any other, and says so', async (t) => {
  const { args, listen, port } = await scene(t);
  const daemon = await startDaemon(t, [...args, '--takeover'], { listen });
  t.deepEqual(daemon.ports, [port]);
  t.true(
    daemon.lines.some((line) =>
      /warning: takeover: no daemon runs at .*control; starting as usual/.test(line),
    ),
  );
});

test('a daemon that cannot hand over is told apart from a new one that cannot serve, and goes on', async (t) => {
  const { args, listen, port, control, pidFile } = await scene(t);
  const old = await startDaemon(t, args, { listen });
  const elsewhere = ['--control', `${control}.other`, '--pidfile', pidFile, '--takeover'];
  const message = new RegExp(`ended with 69:[^]*no daemon runs at .*other, but process ${old.pid} does`);
  await t.throwsAsync(startDaemon(t, elsewhere, { listen }), { message });
  const target = await echoTarget(t);
  (await connectThrough(port, target.port)).socket.destroy();
});

/** Control groups of the second kind, where this process may make some. */
const GROUPS = spawnSync('findmnt', ['--types', 'cgroup2', '-no', 'TARGET'], { encoding: 'utf8' })
  .stdout.split('\n', 1)
  .join('');
const inGroups: typeof asRoot = (title, run) => {
  needing('a control group to make one in', !IS_ROOT || mayMakeGroups(), asRoot)(title, run);
};

function mayMakeGroups(): boolean {
  try {
    accessSync(join(GROUPS, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

inGroups('a unit of systemd is not taken over from outside', async (t) => {
  const { args, listen, port, control } = await scene(t);
  const unit = `picosocks5-test-${process.pid}.service`;
  const group = join(GROUPS, unit);
  mkdirSync(group);
  // Once nobody is in it any more.
  t.teardown(() => rmdirSync(group));
  const enter = `echo $$ >${group}/cgroup.procs && SYSTEMD_EXEC_PID=$$ exec "$0" "$@"`;
  const old = await startDaemon(t, args, { listen, wrapper: ['sh', '-c', enter] });
  const message = new RegExp(`ended with 71:[^]*systemd runs process ${old.pid} as ${unit},`);
  await t.throwsAsync(startDaemon(t, [...args, '--takeover'], { listen }), { message });
  await old.line(/ takeover-failed /);
  const target = await echoTarget(t);
  (await connectThrough(port, target.port)).socket.destroy();
  t.is(await pidAt(control), old.pid);
});
