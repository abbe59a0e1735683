// Logins by a program, as an operator has them: the daemon has dropped root and is confined, and the program is still replaced.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ava, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { loginProgram } from '../support/loginprogram.ts';
import { steeredDaemon } from '../support/pis5ctl.ts';
import { asRootInTurn, IS_ROOT } from '../support/root.ts';
import { connectThrough, type Login } from '../support/socks.ts';
import { echoServer, webServer } from '../support/targets.ts';

const test = ava.serial;

const ALICE: Login = { user: 'alice', password: 'secret' };
const BOB: Login = { user: 'bob', password: 'secret' };

/** What a login comes to: `in`, or the answer. */
async function logIn({ port }: Daemon, target: number, login: Login | undefined): Promise<string> {
  try {
    const wire = await connectThrough(port, target, login);
    wire.socket.destroy();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly user: string;
  readonly args: string;
}

async function processes(): Promise<readonly Process[]> {
  const { stdout } = await run(['ps', '-e', '-ww', '-o', 'pid=,ppid=,user=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, user = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), user, args }];
  });
}

/** The processes of the program, which its starter has started. */
async function programsOf(daemon: Daemon): Promise<readonly Process[]> {
  const all = await processes();
  const starters = all.filter(({ parent, args }) => parent === daemon.pid && args.includes('starter.js'));
  return all.filter(({ parent }) => starters.some(({ pid }) => pid === parent));
}

function writeConfig(t: ExecutionContext, text: string): { file: string; folder: string } {
  const folder = temporaryFolder(t);
  const file = join(folder, 'picosocks5.conf');
  writeFileSync(file, text);
  return { file, folder };
}

test('its users have names, groups and sections, in SOCKS and in HTTP, and are asked about once', async (t) => {
  const folder = temporaryFolder(t);
  const program = loginProgram(folder);
  const [echo, web] = [await echoServer(t), await webServer(t)];
  const file = join(folder, 'picosocks5.conf');
  const rules = `[ops]\nrequest = connect:* group=staff\n[*]\nrequest = !all:*\n`;
  writeFileSync(file, `auth = ${program.auth}\n${IS_ROOT ? 'user = nobody\n' : ''}${rules}`);
  chmodSync(program.asked, 0o666);
  const { daemon, ctl } = await steeredDaemon(t, ['-c', file]);
  t.is(await logIn(daemon, echo, ALICE), 'in');
  t.regex(await daemon.line(/ ended .*user=/), /user=Alice/);
  t.is(await logIn(daemon, echo, ALICE), 'in');
  t.is(await logIn(daemon, echo, BOB), 'REP 2', 'who is in no group is of the section [*]');
  t.is(await logIn(daemon, echo, { ...ALICE, password: 'wrong' }), 'login status 1');
  t.regex(await daemon.line(/ login-failed /), /user=alice detail=".*: wrong"/);
  t.is(await logIn(daemon, echo, undefined), 'no acceptable method');
  const url = `http://127.0.0.1:${web}/`;
  const curl = (login: string, ...more: readonly string[]) =>
    run([
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-x',
      `http://${login}@127.0.0.1:${daemon.port}`,
      ...more,
      url,
    ]);
  t.is((await curl('alice:secret')).stdout, '200');
  t.is((await curl('alice:wrong')).stdout, '407');
  t.deepEqual(readFileSync(program.asked, 'utf8').split('\n'), ['alice', 'bob', 'alice', 'alice', '']);
  const { stdout } = await ctl('status');
  t.regex(stdout, /helper:\S+ +up +\S+ +4 +0 +0 +-/);
});

asRootInTurn('it runs as the account, and is replaced although the daemon can start nothing', async (t) => {
  const folder = temporaryFolder(t);
  const { auth } = loginProgram(folder);
  const daemon = await startDaemon(t, ['-u', 'nobody', '--confine', 'yes', '--auth', auth]);
  const echo = await echoServer(t);
  t.is(await logIn(daemon, echo, ALICE), 'in');
  const [first] = await programsOf(daemon);
  t.is(first?.user, 'nobody');
  process.kill(first!.pid, 'SIGKILL');
  // A question that is on its way to it is lost with it.
  for (let tries = 0; tries < 3 && (await logIn(daemon, echo, BOB)) !== 'in'; tries++)
    await new Promise((resolve) => setTimeout(resolve, 1100));
  t.is(await logIn(daemon, echo, BOB), 'in');
  const [second] = await programsOf(daemon);
  t.not(second?.pid, first?.pid);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  for (let tries = 0; tries < 100 && (await processes()).some(({ pid }) => pid === second?.pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.false((await processes()).some(({ pid, args }) => pid === second?.pid && !args.includes('defunct')));
});

test('a program that cannot tell makes no guess of a login, and is asked by one client so often', async (t) => {
  const folder = temporaryFolder(t);
  const program = loginProgram(folder);
  chmodSync(program.asked, 0o666);
  const bans = ['--ban-after', '3', '--ban-allow', '192.0.2.1'];
  const { daemon, ctl } = await steeredDaemon(t, ['--auth', program.auth, ...asNobody(), ...bans]);
  const echo = await echoServer(t);
  for (let at = 0; at < 14; at++)
    t.is(await logIn(daemon, echo, { user: `bh${at}`, password: 'x' }), 'login status 1');
  t.regex(await daemon.line(/ refused /), /why=LOGIN_UNAVAILABLE .*out of order/);
  t.regex(
    await daemon.line(/ source-down /),
    /source=helper:\S+ text="the program could not tell: out of order"/,
  );
  t.is(readFileSync(program.asked, 'utf8').split('\n').length - 1, 10);
  t.is(await logIn(daemon, echo, ALICE), 'login status 1', 'even the right password has to wait');
  t.regex((await ctl('bans')).stdout, /^no/);
  t.false(daemon.lines.some((line) => line.includes(' login-failed ')));
});

test('what it writes to its standard error is in the log, and so is its death', async (t) => {
  const daemon = await startDaemon(t, ['--auth', loginProgram(temporaryFolder(t)).auth, ...asNobody()]);
  t.is(await logIn(daemon, 9, { user: 'die', password: 'x' }), 'login status 1');
  await daemon.line(/ source-said .*text="going down"/);
  await daemon.line(/ source-said .*text="the program ended with status 3"/);
});

test('a reload keeps it, and refuses a new one with what to do', async (t) => {
  const program = loginProgram(temporaryFolder(t));
  const { file } = writeConfig(t, `auth = ${program.auth}\n`);
  const daemon = await startDaemon(t, ['-c', file, ...asNobody()]);
  const echo = await echoServer(t);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await logIn(daemon, echo, ALICE), 'in');
  writeFileSync(file, `auth = ${program.auth} more\n`);
  daemon.signal('SIGHUP');
  t.regex(await daemon.line(/ reload-failed /), /is new, and a reload cannot start it.*restart the daemon/);
  t.is(await logIn(daemon, echo, BOB), 'in');
});

test('--check starts it, and tells why it fails', async (t) => {
  const folder = temporaryFolder(t);
  const good = await runProgram([
    '--check',
    '--auth',
    loginProgram(folder).auth,
    ...asNobody(),
    '127.0.0.1:0',
  ]);
  t.like(good, { status: 0, stderr: '' });
  const bad = await runProgram([
    '--check',
    '--auth',
    `helper:${folder}/nowhere`,
    ...asNobody(),
    '127.0.0.1:0',
  ]);
  t.is(bad.status, 71);
  t.regex(bad.stderr, /auth = helper:\S+\/nowhere fails: cannot be started .*ENOENT/);
});

asRootInTurn(
  'it never runs as root without the operator’s word, and as another account with it',
  async (t) => {
    const { auth } = loginProgram(temporaryFolder(t));
    const refused = await runProgram(['--nofork', '--logmode', 'stderr', '--auth', auth, '127.0.0.1:0']);
    t.is(refused.status, 77);
    t.regex(
      refused.stderr,
      /would run as root, which this daemon stays: name an account .*or write helper-as = root/,
    );
    for (const user of ['root', 'daemon']) {
      const daemon = await startDaemon(t, ['--auth', auth, '-u', 'nobody', '--helper-as', user]);
      t.is(await logIn(daemon, await echoServer(t), ALICE), 'in');
      t.is((await programsOf(daemon))[0]?.user, user);
    }
  },
);

function asNobody(): readonly string[] {
  return IS_ROOT ? ['-u', 'nobody'] : [];
}
