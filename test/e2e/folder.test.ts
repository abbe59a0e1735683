// Where the program is started: in a folder that its user may not enter.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run, type Finished } from '../support/commands.ts';
import { PROGRAM, temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';

const AS_NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups ';

/** Goes to the background from `folder`, as a shell types it; gives what it said, and where it runs. */
async function start(t: ExecutionContext, folder: string, line: string): Promise<Finished & { at: string }> {
  const pidFile = join(temporaryFolder(t), 'pid');
  // A pid file of root must not lie where others may write.
  if (line.startsWith(AS_NOBODY)) chmodSync(dirname(pidFile), 0o777);
  const words = `${PROGRAM} --logmode syslog --pidfile ${pidFile} 127.0.0.1:0`;
  const finished = await run(['sh', '-c', `cd ${folder} && ${line.replace('PROGRAM', words)}`]);
  if (finished.status !== 0) return { ...finished, at: '' };
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.teardown(() => process.kill(pid, 'SIGKILL'));
  const { stdout } = await run(['readlink', `/proc/${pid}/cwd`]);
  return { ...finished, at: stdout.trim() };
}

asRoot('it goes to the background from a folder that its user may not enter', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o700);
  const { status, stderr, at } = await start(t, folder, `${AS_NOBODY} PROGRAM`);
  t.deepEqual([status, at], [0, '/'], stderr);
});

asRoot('relative paths still count from there, and nowhere else', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o700);
  // `/etc/passwd` is there; the file of that name below the folder is not to be entered.
  const { status, stderr } = await start(t, folder, `${AS_NOBODY} PROGRAM -a etc/passwd`);
  t.is(status, 78);
  t.regex(stderr, new RegExp(`${folder}/etc/passwd.*: permission denied`));
});

test('it goes to the background with files that are named from where it was started', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'conf'));
  writeFileSync(join(folder, 'conf/users'), 'alice:$apr1$bkLtErQG$n1mAgoYzbrPjOyr2SYmS10\n');
  writeFileSync(join(folder, 'conf/main.conf'), 'auth = users\n');
  const { status, stderr, at } = await start(t, folder, 'PROGRAM -c conf/main.conf');
  t.deepEqual([status, at], [0, '/'], stderr);
});
