// Right passwords while something behind them is broken: they get in, or the log says that this host is at fault.
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { PROGRAM, startCommand, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { countersOf } from '../support/footprint.ts';
import { asRoot } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';

const ROOT = dirname(dirname(PROGRAM));

/** The kinds of which each needs other parts of the program. */
const KINDS = { bcrypt: ['-B', '-C', '8'], apr1: ['-m'], sha1: ['-s'], des: ['-d'] } as const;

async function usersFile(t: ExecutionContext): Promise<string> {
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, '', { mode: 0o644 });
  for (const [user, options] of Object.entries(KINDS))
    await mustRun(['htpasswd', '-b', ...options, users, user, 'secret']);
  const sha512 = await run(['openssl', 'passwd', '-6', 'secret']);
  appendFileSync(users, `sha512:${sha512.stdout}`);
  chmodSync(users, 0o644);
  return users;
}

/** The program in a folder that only root may enter, as a clone below /root is. */
function hiddenClone(t: ExecutionContext): string {
  const folder = join(temporaryFolder(t), 'clone');
  mkdirSync(folder, { mode: 0o700 });
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  for (const part of ['node_modules', 'build', 'native']) symlinkSync(join(ROOT, part), join(folder, part));
  return folder;
}

async function logIn(port: number, user: string, password = 'secret', from = '127.0.0.1'): Promise<string> {
  const wire = await connectThrough(port, 9, { user, password }, from).catch((error: unknown) => error);
  return String(wire);
}

/** All at once, so that each thread has work. */
function logInAll(port: number, password = 'secret'): Promise<string[]> {
  return Promise.all([...Object.keys(KINDS), 'sha512'].map((user) => logIn(port, user, password)));
}

/** Nobody listens at the port behind the proxy: REP 5 is for those who are in. */
const IN = Array<string>(Object.keys(KINDS).length + 1).fill('Error: REP 5');
const OUT = IN.map(() => 'Error: login status 1');

asRoot(
  'right passwords get in where the account can read no part of the program, which is then replaced',
  async (t) => {
    const clone = hiddenClone(t);
    const users = await usersFile(t);
    const program = join(clone, 'bin', 'picosocks5');
    const daemon = await startCommand(t, [
      ...[
        program,
        '--nofork',
        '-L',
        'stderr',
        '-u',
        'nobody',
        '--ban-after',
        '1',
        '--ban-allow',
        '192.0.2.1',
      ],
      ...['--auth', users, '127.0.0.1:0'],
    ]);
    renameSync(join(clone, 'dist'), join(clone, 'gone'));
    // The second thread is started now.
    t.deepEqual(await logInAll(daemon.port), IN);
    t.deepEqual(
      daemon.lines.filter((line) => /LOGIN_|banned/.test(line)),
      [],
    );
  },
);

test('a start fails where no thread can check a password, and says what to do', async (t) => {
  const clone = hiddenClone(t);
  const users = await usersFile(t);
  renameSync(join(clone, 'dist', 'program', 'worker.js'), join(clone, 'worker.js'));
  const program = join(clone, 'bin', 'picosocks5');
  const start = (args: readonly string[]) =>
    run([program, '--nofork', '-L', 'stderr', ...args, '127.0.0.1:0']);
  const { status, stderr } = await start(['--auth', users]);
  t.is(status, 71, stderr);
  t.regex(stderr, /no password can be checked: .*ENOENT.*worker\.js.*make install again/);
  t.notRegex(stderr, / started /);
});

test('a user whose entry is damaged is neither counted nor banned, and the log says so once', async (t) => {
  const users = await usersFile(t);
  appendFileSync(users, 'argon:$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g\n');
  const daemon = await startDaemon(t, ['--auth', users, '--ban-after', '3', '--ban-allow', '192.0.2.1']);
  for (let attempt = 0; attempt < 6; attempt++)
    t.is(await logIn(daemon.port, 'argon'), 'Error: login status 1');
  const told = await daemon.line(/LOGIN_UNCHECKED/);
  t.regex(
    told,
    / err turned-away client=127\.0\.0\.1:\d+ count=1 why=LOGIN_UNCHECKED detail="the entry of user argon has/,
  );
  t.is(daemon.lines.filter((line) => line.includes('LOGIN_')).length, 1);
  t.deepEqual(await logInAll(daemon.port), IN);
  t.is((await countersOf(daemon))['logins-failed'], 0);
  t.deepEqual(await logInAll(daemon.port, 'wrong'), OUT);
  await daemon.line(/ banned client=127\.0\.0\.1 /);
});

test('a comment behind a hash is no password, whatever is allowed', async (t) => {
  const users = await usersFile(t);
  const text = readFileSync(users, 'latin1').replaceAll('\n', ':the comment\n');
  writeFileSync(users, text, 'latin1');
  for (const options of [[], ['--allow-plaintext']]) {
    for (const source of [users, `htpasswd:${users}`]) {
      const { port } = await startDaemon(t, ['--auth', source, ...options]);
      t.deepEqual(await logInAll(port), IN, source);
      t.deepEqual(await logInAll(port, 'the comment'), OUT, source);
    }
  }
});
