// --check: what would keep a start from succeeding is told before anything is stopped, and what serves is not in the way.
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { PROGRAM, runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { freePort, listenTarget } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { NOBODY } from '../support/swapper.ts';

const ANYWHERE = '127.0.0.1:0';
const VALID = 'the configuration is valid\n';
const USERS = 'alice:$apr1$bkLtErQG$n1mAgoYzbrPjOyr2SYmS10\n';

/** What a start says, and what --check does: the same, and the same status. */
async function refusalOf(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const checked = await runProgram(['--check', ...args]);
  const started = await runProgram(['--nofork', '--logmode', 'stderr', ...args]);
  t.is(checked.status, started.status, `${checked.stderr}${started.stderr}`);
  t.not(checked.status, 0);
  return checked.stderr;
}

test('an account that is not there, and a port that is taken, are told as a start tells them', async (t) => {
  t.regex(await refusalOf(t, ['-u', 'picosoks5', ANYWHERE]), /no such user/);
  const target = await listenTarget();
  t.teardown(() => target.close());
  const said = await refusalOf(t, [`127.0.0.1:${target.port}`]);
  t.regex(
    said,
    new RegExp(`cannot listen on 127\\.0\\.0\\.1:${target.port}: another program already listens`),
  );
  t.regex(said, new RegExp(`process ${process.pid}\\)`));
});

test('folders that are missing are told, all of them at once', async (t) => {
  const gone = join(temporaryFolder(t), 'gone');
  t.regex(await refusalOf(t, ['--pidfile', join(gone, 'pid'), ANYWHERE]), /cannot create the pid file/);
  t.regex(await refusalOf(t, ['--control', join(gone, 'control'), ANYWHERE]), /there is no folder .*gone/);
  const [missing, there] = [join(gone, 'pid'), temporaryFolder(t)];
  // A start goes on without its state.
  const args = ['--check', '--state', join(gone, 'state'), '--pidfile', missing, '-u', 'picosoks5', ANYWHERE];
  const { status, stderr } = await runProgram(args);
  t.is(status, 77);
  t.regex(stderr, /no such user/);
  const state = await runProgram(['--check', '--state', join(gone, 'state'), ANYWHERE]);
  t.is(state.status, 71);
  t.regex(state.stderr, /cannot keep the state file .*: there is no folder/);
  t.is((await runProgram(['--check', '--state', join(there, 'state'), ANYWHERE])).stdout, VALID);
});

test('what is there in the place of pid file and control socket is told', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, 'precious');
  t.regex(await refusalOf(t, ['--pidfile', file, ANYWHERE]), /what is there is no pid file/);
  t.regex(await refusalOf(t, ['--control', file, ANYWHERE]), /what is there is no socket/);
});

test('the daemon that runs is not in the way of its next start, and does not notice', async (t) => {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const listen = [`127.0.0.1:${port}`];
  const kept = ['--pidfile', join(folder, 'pid'), '--control', join(folder, 'control')];
  const daemon = await startDaemon(t, kept, { listen });
  for (const args of [kept.slice(0, 2), kept.slice(2)]) {
    const { status, stdout, stderr } = await runProgram(['--check', ...args, ...listen]);
    t.deepEqual([status, stdout, stderr], [0, VALID, ''], args.join(' '));
  }
  // Somebody who has nothing to do with it.
  const other = await runProgram(['--check', ...listen]);
  t.is(other.status, 71);
  t.regex(other.stderr, new RegExp(`process ${daemon.pid}\\)`));
  const target = await listenTarget();
  t.teardown(() => target.close());
  (await connectThrough(port, target.port)).socket.destroy();
});

asRoot('files that the account may not read, and a folder it may not write, are told', async (t) => {
  const folder = temporaryFolder(t);
  const [users, state] = [join(folder, 'users'), join(folder, 'state')];
  writeFileSync(users, USERS);
  mkdirSync(state);
  const args = ['--check', '-u', 'nobody', '-a', users, '--state', join(state, 'state.json'), ANYWHERE];
  chownSync(state, NOBODY, NOBODY);
  t.is((await runProgram(args)).stdout, VALID);
  chmodSync(users, 0o600);
  chownSync(state, 0, 0);
  const { status, stderr } = await runProgram(args);
  t.is(status, 71);
  t.regex(stderr, /cannot keep the state file .*state: permission denied/);
  t.regex(stderr, /as nobody: .*users.*: permission denied/);
});

asRoot('who may not become the account is told what was not looked at', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const args = [
    '--check',
    '-u',
    'daemon',
    `127.0.0.1:${target.port}`,
    '--pidfile',
    '/run/picosocks5-test.pid',
  ];
  const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const { status, stdout, stderr } = await run([...as, PROGRAM, ...args]);
  t.deepEqual([status, stdout], [0, VALID], stderr);
  t.regex(stderr, /only root can: whether it is this daemon that listens on 127\.0\.0\.1:/);
  t.regex(stderr, /only root can: what daemon may read and write/);
});
