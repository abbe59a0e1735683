// PAM with pam_unix over files of its own: by a program of squid, and by saslauthd of Debian, with a daemon that has dropped root.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { withFilesInPlace } from '../support/mounts.ts';
import { needing } from '../support/needing.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { IS_ROOT } from '../support/root.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const PAM_AUTH = '/usr/lib/squid/basic_pam_auth';
const SASLAUTHD = '/usr/sbin/saslauthd';
const needingSquid = needing('squid and root', existsSync(PAM_AUTH) && IS_ROOT, ava.serial);
const needingSaslauthd = needing('sasl2-bin and root', existsSync(SASLAUTHD) && IS_ROOT, ava.serial);

/** In front of a command: it sees a host with the users `pam` (secret) and `old` (the same, expired), and a PAM service. */
async function ofHost(folder: string): Promise<readonly string[]> {
  const [passwd, shadow, services] = ['passwd', 'shadow', 'pam.d'].map((name) => join(folder, name));
  copyFileSync('/etc/passwd', passwd!);
  for (const user of ['pam', 'old']) appendFileSync(passwd!, `${user}:x:60000:60000::/:/bin/sh\n`);
  const hash = (await mustRun(['openssl', 'passwd', '-6', 'secret'])).trim();
  writeFileSync(shadow!, `pam:${hash}:19000:0:99999:7:::\nold:${hash}:19000:0:99999:7::19001:\n`, {
    mode: 0o600,
  });
  mkdirSync(services!);
  writeFileSync(
    join(services!, 'picosocks5'),
    'auth required pam_unix.so nodelay\naccount required pam_unix.so\n',
  );
  return withFilesInPlace({ '/etc/passwd': passwd!, '/etc/shadow': shadow!, '/etc/pam.d': services! });
}

async function logIn({ port }: Daemon, target: number, user: string, password = 'secret'): Promise<string> {
  try {
    (await connectThrough(port, target, { user, password })).socket.destroy();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

async function pamDecides(t: ExecutionContext, daemon: Daemon): Promise<void> {
  const echo = await echoServer(t);
  t.is(await logIn(daemon, echo, 'pam'), 'in');
  t.is(await logIn(daemon, echo, 'pam', 'wrong'), 'login status 1');
  t.is(await logIn(daemon, echo, 'old'), 'login status 1');
  t.is(await logIn(daemon, echo, 'stranger'), 'login status 1');
  const told = daemon.lines.filter((line) => line.includes(' login-failed '));
  t.deepEqual(
    told.map((line) => / user=(\w+)/.exec(line)?.[1]),
    ['pam', 'old', 'stranger'],
  );
}

needingSquid('basic_pam_auth, which has to stay root, checks the accounts of a host', async (t) => {
  const host = await ofHost(temporaryFolder(t));
  const words = [...host.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`), PAM_AUTH, '-n', 'picosocks5'];
  const auth = `helper:/usr/bin/${words.join(' ').replace('"unshare"', 'unshare')}`;
  const daemon = await startDaemon(t, ['--auth', auth, '-u', 'nobody', '--helper-as', 'root']);
  await pamDecides(t, daemon);
});

interface Saslauthd {
  readonly auth: string;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly kill: () => Promise<void>;
}

async function startSaslauthd(t: ExecutionContext): Promise<Saslauthd> {
  const folder = temporaryFolder(t);
  const host = await ofHost(folder);
  const sockets = join(folder, 'sockets');
  mkdirSync(sockets);
  chmodSync(sockets, 0o755);
  // One process: to stop it is to stop all.
  const child = spawn(host[0]!, [...host.slice(1), SASLAUTHD, '-d', '-a', 'pam', '-m', sockets, '-n', '1'], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  for (let tries = 0; tries < 500 && !existsSync(join(sockets, 'mux')); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    auth: `saslauthd:${sockets}/mux`,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

needingSaslauthd(
  'saslauthd checks them too; stopped or gone, nobody is told that a password is wrong',
  async (t) => {
    const saslauthd = await startSaslauthd(t);
    const args = ['--auth', saslauthd.auth, '-u', 'nobody'];
    t.is((await runProgram(['--check', ...args, '127.0.0.1:0'])).status, 0);
    const { daemon, ctl } = await steeredDaemon(t, [...args, '--auth-timeout', '2s', '--auth-cache', '0']);
    await pamDecides(t, daemon);
    const failures = daemon.lines.filter((line) => line.includes(' login-failed ')).length;

    saslauthd.signal('SIGSTOP');
    t.is(await logIn(daemon, 9, 'pam'), 'login status 1');
    await daemon.line(/ refused .*why=LOGIN_UNAVAILABLE .*no answer in 2000 ms/);
    saslauthd.signal('SIGCONT');
    t.is(await logIn(daemon, await echoServer(t), 'pam'), 'in');
    await daemon.line(/ source-up /);

    await saslauthd.kill();
    t.is(await logIn(daemon, 9, 'pam'), 'login status 1');
    await daemon.line(/ refused .*why=LOGIN_UNAVAILABLE .*ECONNREFUSED/);
    t.regex((await ctl('status')).stdout, /saslauthd:\S+ +down +\S+ +7 +2 +0 .*ECONNREFUSED/);
    t.is(daemon.lines.filter((line) => line.includes(' login-failed ')).length, failures);
    const check = await runProgram(['--check', ...args, '127.0.0.1:0']);
    t.is(check.status, 71);
    t.regex(check.stderr, /auth = saslauthd:\S+ fails: connect ECONNREFUSED/);
  },
);
