// What the service account can do to root's daemon through the names of its files: pid file, control socket, state file.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionContext } from 'ava';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { NOBODY, startSwapper } from '../support/swapper.ts';
import { echoServer } from '../support/targets.ts';

const ACCOUNT = ['-u', 'nobody', '-g', 'nogroup'];
const FOREGROUND = ['--nofork', '--logmode', 'stderr', ...ACCOUNT];
const SECRET = 'only root may read this';

interface Scene {
  /** Owned by the service account, as README had it once. */
  readonly theirs: string;
  readonly roots: string;
  /** A file of root. */
  readonly victim: string;
}

function scene(t: ExecutionContext): Scene {
  const [theirs, roots] = [temporaryFolder(t), temporaryFolder(t)];
  const victim = join(roots, 'victim');
  writeFileSync(victim, SECRET);
  chmodSync(victim, 0o600);
  chownSync(theirs, NOBODY, NOBODY);
  return { theirs, roots, victim };
}

async function isServed(t: ExecutionContext, port: number): Promise<void> {
  const wire = await connectThrough(port, await echoServer(t));
  wire.send('hello');
  t.is((await wire.take(5)).toString(), 'hello');
  wire.socket.destroy();
}

asRoot('a folder of the account is refused, with what to do, and then the same start serves', async (t) => {
  const { theirs } = scene(t);
  const files = ['--pidfile', join(theirs, 'pid'), '--control', join(theirs, 'control')];
  const refused = await runProgram([...FOREGROUND, ...files, '127.0.0.1:0']);
  t.is(refused.status, 77, refused.stderr);
  t.regex(refused.stderr, /cannot use pidfile = .* and control = .*its owner is uid 65534, its mode 0755/);
  t.false(existsSync(join(theirs, 'pid')));
  const checked = await runProgram(['--check', ...ACCOUNT, ...files, '127.0.0.1:0']);
  t.is(checked.status, 77);
  t.is(checked.stderr, refused.stderr);
  const command = /with "(chown root [^"]*)"/.exec(refused.stderr)?.[1] ?? 'false';
  t.is(spawnSync('sh', ['-c', command]).status, 0, command);
  const daemon = await startDaemon(t, [...ACCOUNT, ...files]);
  t.is(readFileSync(join(theirs, 'pid'), 'utf8'), `${daemon.pid}\n`);
  await isServed(t, daemon.port);
});

asRoot('an account that swaps names in its own folder gets no start to touch a file of root', async (t) => {
  const { theirs, victim } = scene(t);
  const attacker = await startSwapper(t, {
    directory: theirs,
    victim,
    names: ['pid', 'control', 'control.new', 'state.json'],
  });
  const files = ['--pidfile', join(theirs, 'pid'), '--control', join(theirs, 'control')];
  for (let start = 0; start < 4; start++) {
    const { status, stderr } = await runProgram([...FOREGROUND, ...files, '127.0.0.1:0']);
    t.is(status, 77, stderr);
  }
  // As root that drops nothing it is root who would write the state.
  const state = ['--state', join(theirs, 'state.json')];
  const undropped = await runProgram(['--nofork', '--logmode', 'stderr', ...state, '127.0.0.1:0']);
  t.is(undropped.status, 77, undropped.stderr);
  t.true((await attacker.stop()) > 100);
  untouched(t, victim);
});

function untouched(t: ExecutionContext, victim: string): void {
  const { uid, mode, nlink } = statSync(victim);
  t.deepEqual([readFileSync(victim, 'utf8'), uid, mode & 0o777, nlink], [SECRET, 0, 0o600, 1]);
}

asRoot('an account that owns a folder on the way cannot lead root elsewhere by a link', async (t) => {
  const { theirs, roots } = scene(t);
  const below = join(theirs, 'run');
  mkdirSync(below);
  const { status, stderr } = await runProgram([
    ...FOREGROUND,
    '--pidfile',
    join(below, 'pid'),
    '127.0.0.1:0',
  ]);
  t.is(status, 77, stderr);
  spawnSync('setpriv', [
    '--reuid=65534',
    '--clear-groups',
    'sh',
    '-c',
    `mv ${below} ${below}.old; ln -s ${roots} ${below}`,
  ]);
  const led = await runProgram([...FOREGROUND, '--pidfile', join(below, 'pid'), '127.0.0.1:0']);
  t.is(led.status, 77, led.stderr);
  t.false(existsSync(join(roots, 'pid')));
});

asRoot(
  'the state file in a folder of the account leads to no file of root, and clients are served',
  async (t) => {
    const { theirs, victim } = scene(t);
    const attacker = await startSwapper(t, {
      directory: theirs,
      victim,
      names: ['state.json', 'state.json.new'],
    });
    const daemon = await startDaemon(t, [...ACCOUNT, '--state', join(theirs, 'state.json')]);
    await isServed(t, daemon.port);
    daemon.signal('SIGHUP');
    await daemon.line(/ reloaded| reload /);
    await attacker.stop();
    daemon.signal('SIGTERM');
    t.is(await daemon.exited, 0);
    untouched(t, victim);
    t.false(daemon.lines.some((line) => line.includes(SECRET)));
  },
);

asRoot('a pipe in the place of a file is told, and no start waits for it', async (t) => {
  const { theirs, roots } = scene(t);
  const pipe = (path: string): string => {
    t.is(spawnSync('mkfifo', ['-m', '666', path]).status, 0);
    return path;
  };
  for (const [option, why] of [
    ['--pidfile', /what is there is no pid file/],
    ['--control', /what is there is no socket/],
  ] as const) {
    const { status, stderr } = await runProgram([
      ...FOREGROUND,
      option,
      pipe(join(roots, option)),
      '127.0.0.1:0',
    ]);
    t.is(status, 71, stderr);
    t.regex(stderr, why);
  }
  const state = pipe(join(theirs, 'state.json'));
  pipe(`${state}.new`);
  const daemon = await startDaemon(t, [...ACCOUNT, '--state', state]);
  t.regex(await daemon.line(/ state /), /cannot be used \(it is no regular file\)/);
  await isServed(t, daemon.port);
});

asRoot('a daemon that serves clients cannot write to its pid file any more', async (t) => {
  const { roots } = scene(t);
  const pidFile = join(roots, 'pid');
  const daemon = await startDaemon(t, [...ACCOUNT, '--pidfile', pidFile]);
  t.is(statSync(pidFile).uid, 0);
  const writable = spawnSync('sh', [
    '-c',
    `for fd in /proc/${daemon.pid}/fd/*; do [ "$(readlink $fd)" = ${pidFile} ] && [ -n "$(find $fd -perm -200)" ] && echo $fd; done`,
  ]);
  t.is(writable.stdout.toString(), '');
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.is(readFileSync(pidFile, 'utf8'), `${daemon.pid}\n`);
  const next = await startDaemon(t, [...ACCOUNT, '--pidfile', pidFile]);
  t.is(readFileSync(pidFile, 'utf8'), `${next.pid}\n`);
  await isServed(t, next.port);
});
