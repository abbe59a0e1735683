// Somebody has broken into the daemon: what is still possible there, in every thread, while others are served.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { intruder, limitsOf, PROBED, threadsOf } from '../support/confined.ts';
import { runProgram, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';
import { connectThrough, type Login } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const { EPERM, EACCES, EAFNOSUPPORT } = constants.errno;
const WITHOUT_CALL = fileURLToPath(new URL('../support/withoutcall.py', import.meta.url));
const SECCOMP = process.arch === 'arm64' ? 277 : 317;
const LANDLOCK_CREATE_RULESET = 444;

const ALICE: Login = { user: 'alice', password: 'secret' };
const ALL = 'no-new-privs,bounding-set,seccomp,landlock';

/** What a confined daemon answers to each attempt of support/confined.c. */
const REFUSED = {
  execve: EPERM,
  fork: EPERM,
  ptrace: EPERM,
  process_vm_readv: EPERM,
  unshare: EPERM,
  mount: EPERM,
  bpf: EPERM,
  userfaultfd: EPERM,
  io_uring_setup: EPERM,
  keyctl: EPERM,
  packets: EAFNOSUPPORT,
  'read-outside': EACCES,
  'write-outside': EACCES,
  'make-outside': EACCES,
  'make-in-tmp': EACCES,
  'write-state': 0,
  'read-system': 0,
  'local-socket': 0,
};

/** A file of users in a folder of its own. */
async function usersFile(folder: string): Promise<string> {
  const users = join(folder, 'users/file');
  mkdirSync(join(folder, 'users'));
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, ALICE.user, ALICE.password]);
  return users;
}

/** An honest client with a login, which starts a hashing thread. */
async function isServed(t: ExecutionContext, { port }: Daemon, login: Login = ALICE): Promise<void> {
  const wire = await connectThrough(port, await echoServer(t), login);
  wire.send('ok');
  t.is((await wire.take(2)).toString(), 'ok');
  wire.socket.destroy();
}

asRoot('in no thread can an intruder start a program, reach a file outside or try the kernel', async (t) => {
  const { folder, env, attempt } = await intruder(t);
  const users = await usersFile(folder);
  const args = ['-u', 'nobody', '--auth', users, '--state', join(folder, 'state/state.json')];
  const daemon = await startDaemon(t, args, { env });
  t.true(daemon.lines.at(-1)?.includes(`confined=${ALL}`), daemon.lines.at(-1));
  const before = threadsOf(daemon);
  await isServed(t, daemon);
  t.true(threadsOf(daemon) > before, 'a hashing thread has started');
  t.deepEqual(limitsOf(daemon), ['CapBnd: 0000000000000000', 'NoNewPrivs: 1', 'Seccomp: 2']);
  const found = await attempt();
  for (const thread of PROBED)
    for (const [name, errno] of Object.entries(REFUSED))
      t.is(found[`${thread} ${name}`], errno, `${name} in the ${thread} thread`);
  await isServed(t, daemon);
});

asRoot('confine = no leaves all of it open, and is said in the log', async (t) => {
  const { folder, env, attempt } = await intruder(t);
  const users = await usersFile(folder);
  const args = ['-u', 'nobody', '--auth', users, '--confine', 'no'];
  const daemon = await startDaemon(t, args, { env });
  t.true(daemon.lines.at(-1)?.includes('confined=no'), daemon.lines.at(-1));
  const limits = limitsOf(daemon);
  t.true(limits.includes('NoNewPrivs: 0') && limits.includes('Seccomp: 0'), limits.join(', '));
  const found = await attempt();
  const open = { execve: constants.errno.ENOENT, fork: 0, 'read-outside': 0, 'make-outside': 0 };
  for (const [name, errno] of Object.entries(open)) t.is(found[`main ${name}`], errno, name);
});

asRoot('a daemon that was never root is confined, too; it has no bounding set to give up', async (t) => {
  const wrapper = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
  const daemon = await startDaemon(t, ['--confine', 'yes'], { wrapper });
  t.regex(daemon.lines.at(-1) ?? '', /confined=no-new-privs,seccomp,landlock$/);
  t.true(limitsOf(daemon).includes('Seccomp: 2'));
});

for (const [what, number, part, rest] of [
  ['Landlock', LANDLOCK_CREATE_RULESET, 'landlock', 'no-new-privs,bounding-set,seccomp'],
  ['seccomp', SECCOMP, 'seccomp', 'no-new-privs,bounding-set,landlock'],
] as const) {
  const wrapper = ['python3', WITHOUT_CALL, String(number)];
  const why = `${part} (function not implemented)`;

  asRoot(`without ${what} the rest holds, and the log says what does not`, async (t) => {
    const daemon = await startDaemon(t, ['-u', 'nobody'], { wrapper });
    const started = daemon.lines.at(-1) ?? '';
    t.true(started.includes(`confined=${rest} text="not confined by ${why}"`), started);
  });

  asRoot(`confine = yes does not start without ${what}`, async (t) => {
    const args = ['-u', 'nobody', '--confine', 'yes'];
    const error = await t.throwsAsync(startDaemon(t, args, { wrapper }));
    t.true(error.message.includes('the daemon ended with 77'), error.message);
    t.true(error.message.includes(`confine is yes, but ${part} cannot hold here (function not`));
  });
}

test('confine = yes does not start without the native addon; auto does, and says so', async (t) => {
  const env = { PICOSOCKS5_PREBUILD: tmpdir() };
  const start = ['--nofork', '-L', 'stderr', '--transport', 'streams', '127.0.0.1:0'];
  const { status, stderr } = await runProgram(['--confine', 'yes', ...start], {
    env: { ...process.env, ...env },
  });
  t.is(status, 77, stderr);
  t.regex(stderr, /confine is yes, but the native addon does not load.*confine = auto goes without/);
  const daemon = await startDaemon(t, ['--transport', 'streams'], { env });
  t.regex(daemon.lines.at(-1) ?? '', /confined=no text="not confined: the native addon does not load/);
});

asRoot('a reload reads changed files, and tells why it cannot read one elsewhere', async (t) => {
  const folder = temporaryFolder(t);
  const users = await usersFile(folder);
  const elsewhere = join(temporaryFolder(t), 'users');
  const config = join(folder, 'users/picosocks5.conf');
  writeFileSync(config, `auth = htpasswd:${users}\n`);
  const daemon = await startDaemon(t, ['-u', 'nobody', '-c', config]);
  // As editors and htpasswd do it: a new file in the place of the old one.
  await mustRun(['htpasswd', '-bcB', '-C', '5', elsewhere, 'bob', 'other']);
  await mustRun(['cp', elsewhere, `${users}.new`]);
  renameSync(`${users}.new`, users);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  await isServed(t, daemon, { user: 'bob', password: 'other' });

  writeFileSync(config, `auth = htpasswd:${elsewhere}\n`);
  daemon.signal('SIGHUP');
  t.regex(await daemon.line(/ config .*since the start/), /users cannot be read .*restart the daemon/);
  await daemon.line(/ reload-failed /);
  await isServed(t, daemon, { user: 'bob', password: 'other' });
});

asRoot('in a chroot the confinement holds, and a reload reads the files inside', async (t) => {
  const jail = temporaryFolder(t);
  const users = await usersFile(jail);
  // The same path inside.
  mkdirSync(join(jail, jail), { recursive: true });
  await mustRun(['cp', '-r', join(jail, 'users'), join(jail, jail)]);
  const args = ['-u', 'nobody', '--chroot', jail, '--confine', 'yes', '--auth', users];
  const daemon = await startDaemon(t, args);
  t.regex(daemon.lines.at(-1) ?? '', new RegExp(`confined=${ALL}$`));
  t.deepEqual(limitsOf(daemon), ['CapBnd: 0000000000000000', 'NoNewPrivs: 1', 'Seccomp: 2']);
  await mustRun(['htpasswd', '-bcB', '-C', '5', join(jail, users), 'bob', 'other']);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  await isServed(t, daemon, { user: 'bob', password: 'other' });
});
