// The daemon as a process: accounts, signals, going to the background.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { run } from '../support/commands.ts';
import { PROGRAM, runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { listenTarget } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { webServer } from '../support/targets.ts';

/** Uid, Gid and Groups lines of every thread, each once. */
function identities(pid: number): string[] {
  const statuses = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
  );
  const lines = statuses.flatMap((status) => status.match(/^(Uid|Gid|Groups):.*/gm) ?? []);
  return [...new Set(lines.map((line) => line.replaceAll(/\s+/g, ' ').trim()))].sort();
}

asRoot('-u nobody -g nobody binds a privileged port, drops in every thread and serves', async (t) => {
  const web = await webServer(t);
  const { pid, port } = await startDaemon(t, ['-u', 'nobody', '-g', 'nobody'], { listen: ['127.0.0.1:923'] });
  t.is(port, 923);
  t.deepEqual(identities(pid), [
    'Gid: 65534 65534 65534 65534',
    'Groups: 65534',
    'Uid: 65534 65534 65534 65534',
  ]);
  const { stdout } = await run(['curl', '-sS', '--socks5', '127.0.0.1:923', `http://127.0.0.1:${web}/x`]);
  t.is(stdout, 'hello from /x');
});

asRoot('an unknown user or group ends the start with 77 and names it', async (t) => {
  for (const [args, name] of [
    [['-u', 'nosuchuser'], 'nosuchuser'],
    [['-u', 'nobody', '-g', 'nosuchgroup'], 'nosuchgroup'],
  ] as const) {
    const { status, stderr } = await runProgram(['--nofork', '-L', 'stderr', ...args, '127.0.0.1:0']);
    t.is(status, 77, stderr);
    t.true(stderr.includes(name), stderr);
  }
});

asRoot('in a chroot users still log in, though nothing outside can be loaded any more', async (t) => {
  const folder = temporaryFolder(t);
  const users = join(folder, 'users');
  await run(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'secret']);
  const web = await webServer(t);
  const jail = join(folder, 'jail');
  mkdirSync(jail);
  const { pid, port, lines } = await startDaemon(t, ['-u', 'nobody', '--chroot', jail, '--auth', users]);
  t.is(readlinkSync(`/proc/${pid}/root`), jail);
  t.true(
    lines.some((line) => /warning: .*users cannot be read after the start/.test(line)),
    lines.join('\n'),
  );
  const proxy = `socks5://alice:secret@127.0.0.1:${port}`;
  const { stdout, stderr } = await run(['curl', '-sS', '--proxy', proxy, `http://127.0.0.1:${web}/jail`]);
  t.is(stdout, 'hello from /jail', stderr);
});

asRoot(
  'after the drop the memory of the daemon is out of reach: no core dump, no ptrace by its account',
  async (t) => {
    const { pid } = await startDaemon(t, ['-u', 'nobody']);
    // proc(5): the files of a process that is not dumpable (prctl(2), PR_SET_DUMPABLE) belong to root.
    t.is(statSync(`/proc/${pid}/mem`).uid, 0);
  },
);

asRoot(
  'an option of outgoing sockets that the service account may not set ends the start with 77',
  async (t) => {
    const args = ['--nofork', '-L', 'stderr', '--transport', 'engine', '-u', 'nobody', '--mark', '7'];
    const { status, stderr } = await runProgram([...args, '127.0.0.1:0']);
    t.is(status, 77, stderr);
    t.regex(stderr, /cannot set SO_MARK .*EPERM.*CAP_NET_ADMIN/);
  },
);

for (const [what, args, status, said] of [
  [
    'may not be set',
    ['--transport', 'engine', '-u', 'nobody', '--route', '10.0.0.0/8 any mark=7'],
    77,
    /the route at command line: cannot set SO_MARK .*EPERM.*CAP_NET_ADMIN/,
  ],
  [
    'streams do not have',
    ['--transport', 'streams', '--route', '* any device=lo'],
    71,
    /device= of the route at command line: needs the native engine, but transport is streams/,
  ],
] as const) {
  asRoot(`an option of a route that ${what} ends the start with ${status}`, async (t) => {
    const run = await runProgram(['--nofork', '-L', 'stderr', ...args, '127.0.0.1:0']);
    t.is(run.status, status, run.stderr);
    t.regex(run.stderr, said);
  });
}

asRoot('root without -u is warned', async (t) => {
  const daemon = await startDaemon(t);
  t.true(
    daemon.lines.some((line) => /warning: running as root.*-u/.test(line)),
    daemon.lines.join('\n'),
  );
});

test('to the background: the parent exits 0 when clients can connect, the pid file goes with the daemon', async (t) => {
  const folder = temporaryFolder(t);
  const pidFile = join(folder, 'picosocks5.pid');
  const target = await listenTarget();
  const { port } = target;
  target.close();
  const web = await webServer(t);
  const start = ['--syslog', `unix:${folder}/log`, '--pidfile', pidFile, `127.0.0.1:${port}`];
  const { status, stderr } = await runProgram(start);
  t.is(status, 0, stderr);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.teardown(() => killQuietly(pid));
  t.is(sessionOf(pid), pid);
  const curl = await run(['curl', '-sS', '--socks5', `127.0.0.1:${port}`, `http://127.0.0.1:${web}/y`]);
  t.is(curl.stdout, 'hello from /y', curl.stderr);
  const second = await runProgram(start);
  t.is(second.status, 71);
  t.regex(second.stderr, /cannot listen on 127\.0\.0\.1:\d+: another program already listens there/);
  process.kill(pid, 'SIGTERM');
  await gone(pid);
  t.false(existsSync(pidFile));
});

test('to the background with a bad file: exit 78, file and line', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'bad.conf');
  writeFileSync(config, 'maxconn = 10\nidle-timout = 5\nnetwork = 10.0.0.0/99\n');
  const { status, stderr } = await runProgram(['-c', config]);
  t.is(status, 78);
  t.regex(stderr, /bad\.conf:2: .*idle-timout.*idle-timeout/);
  t.regex(stderr, /bad\.conf:3: .*10\.0\.0\.0\/99/);
});

for (const [how, args] of [
  ['in the foreground', ['--nofork', '-L', 'stderr']],
  ['in the background', []],
] as const) {
  test(`a bug while starting ends with 70 and says where it is, ${how}`, async (t) => {
    const bug = 'process.getuid = () => { throw new TypeError("nobody foresaw this") }';
    const env = {
      ...process.env,
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(bug)}"`,
    };
    const { status, stderr } = await runProgram([...args, '127.0.0.1:0'], { env });
    t.is(status, 70, stderr);
    t.regex(stderr, /this is a bug.*nobody foresaw this/);
    t.regex(stderr, /\.js:\d+/);
  });
}

test('started in a folder that is gone it says so', async (t) => {
  const inTheVoid = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" --check';
  const { status, stderr } = await run(['sh', '-c', inTheVoid, PROGRAM]);
  t.is(status, 71);
  t.regex(stderr, /cannot tell the current folder: no such file or directory/);
});

test('a user file that is missing is an error of the configuration, wherever it is named', async (t) => {
  const { status, stderr } = await runProgram(['--check', '--auth', '/nonexistent/users']);
  t.is(status, 78);
  t.regex(stderr, /\/nonexistent\/users: cannot be read: no such file or directory/);
});

test('SIGTERM drains: no new clients, live ones go on until the drain time', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const daemon = await startDaemon(t, ['--drain', '20s']);
  const client = await connectThrough(daemon.port, target.port);
  const server = await target.accept();
  daemon.signal('SIGTERM');
  await daemon.line(/ draining /);
  await t.throwsAsync(connectThrough(daemon.port, target.port));
  client.send('still here');
  t.is((await server.take(10)).toString(), 'still here');
  client.socket.end();
  server.socket.end();
  t.is(await daemon.exited, 0);
});

test('a second SIGTERM ends at once', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const daemon = await startDaemon(t, ['--drain', '60s']);
  const client = await connectThrough(daemon.port, target.port);
  daemon.signal('SIGTERM');
  await daemon.line(/ draining /);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.is(await client.ending(), 'reset');
});

test('SIGUSR1 writes live sessions and counters, and opens no inspector', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const daemon = await startDaemon(t);
  const client = await connectThrough(daemon.port, target.port);
  daemon.signal('SIGUSR1');
  t.regex(await daemon.line(/ counters /), / live=1 accepted=1 /);
  t.regex(await daemon.line(/ live /), new RegExp(`dest=127.0.0.1:${target.port}`));
  t.false(daemon.lines.some((line) => /Debugger/.test(line)));
  client.socket.destroy();
});

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Waits until a process that is not our child has ended. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Field 6 of /proc/PID/stat (proc(5)). */
function sessionOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[3],
  );
}
