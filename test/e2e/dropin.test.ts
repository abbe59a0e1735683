// Other programs' names and command lines, on the built program.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { PROGRAM, runProgram, startCommand, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const LOGIN = { user: 'joe', password: 's3cret' };
const USER = ['-u', LOGIN.user, '-P', LOGIN.password];

/** The program under another name. */
function linkTo(t: ExecutionContext, name: string): string {
  const link = join(temporaryFolder(t), name);
  symlinkSync(PROGRAM, link);
  return link;
}

for (const [name, args] of [
  ['microsocks', ['-i', '127.0.0.1', '-p', '0']],
  ['osocks', ['-l', '127.0.0.1', '-p', '0']],
  ['simplesocks5', ['127.0.0.1:0', '-v']],
] as const) {
  test(`a link named ${name} is ${name}`, async (t) => {
    const daemon = await startCommand(t, [linkTo(t, name), ...args]);
    const echo = await echoServer(t);
    const wire = await connectThrough(daemon.port, echo);
    wire.send('hi');
    t.is((await wire.take(2)).toString(), 'hi');
    t.is(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8'), `${name}\n`);
    daemon.signal('SIGTERM');
    wire.socket.destroy();
    t.is(await daemon.exited, 0);
  });
}

/** The REP that curl on `host` hears for a port where nobody listens, 5 where it is let through; else what curl says. */
async function askFor(host: readonly string[], proxy: string, destination: string): Promise<string> {
  const command = ['curl', '-sS', '--proxy', `socks5h://${proxy}:1080`, `http://${destination}:9/`];
  const { stderr } = await run([...host, ...command]);
  return /SOCKS5 connection to .* \((\d+)\)/.exec(stderr)?.[1] ?? stderr;
}

asRoot('a network of its own is served as ever, and strangers only where that is said', async (t) => {
  const { proxyHost, clientHost } = await cableNetwork(t, [
    ['198.51.100.1/24', '198.51.100.2/24'],
    ['10.99.0.1/24', '10.99.0.2/24'],
  ]);
  for (const [options, stranger] of [
    [[], /^curl: \(97\)/],
    [['--network=*'], /^5$/],
  ] as const) {
    const daemon = await startDaemon(t, ['--as', 'osocks', ...options], {
      wrapper: proxyHost,
      listen: ['--'],
    });
    t.is(await askFor(clientHost, '10.99.0.1', '10.99.0.2'), '5', 'from the private network to itself');
    t.is(await askFor(clientHost, '10.99.0.1', '127.0.0.1'), '2', 'and to the host of the proxy');
    t.regex(await askFor(clientHost, '198.51.100.1', '198.51.100.2'), stranger);
    daemon.signal('SIGTERM');
    await daemon.exited;
  }
});

test('osocks: -n bounds the sessions, -I ends those that are idle', async (t) => {
  const listen = ['--', '-l', '127.0.0.1', '-p', '0', '-n', '1', '-I', '500'];
  const { port, line } = await startDaemon(t, ['--as', 'osocks'], { listen });
  const echo = await echoServer(t);
  const wire = await connectThrough(port, echo);
  t.not(await greet(port, '127.0.0.1'), '0500', 'there is room for one');
  t.is(await wire.ending(), 'fin');
  t.regex(await line(/ ended /), /why=idle/);
});

test('a password of the command line is in no listing of processes, and in no log', async (t) => {
  const daemon = await startCommand(t, [linkTo(t, 'microsocks'), '-i', '127.0.0.1', '-p', '0', ...USER]);
  const byOption = await startDaemon(t, ['--as', 'microsocks'], { listen: ['--', '-p', '0', ...USER] });
  for (const { pid, port } of [daemon, byOption]) {
    t.is(await greet(port, '127.0.0.1'), '05ff');
    (await connectThrough(port, await echoServer(t), LOGIN)).socket.destroy();
    const listed = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    t.is(listed, 'microsocks');
  }
  await daemon.line(/ ended /);
  t.notRegex(daemon.lines.join('\n'), /s3cret/);
});

test('a user of the command line outlives a reload', async (t) => {
  const daemon = await startDaemon(t, ['--as', 'microsocks'], {
    listen: ['--', '-p', '0', '-w', '127.0.0.2', ...USER],
  });
  daemon.signal('SIGHUP');
  t.regex(await daemon.line(/ reloaded /), /users=1/);
  (await connectThrough(daemon.port, await echoServer(t), LOGIN)).socket.destroy();
  t.is(await greet(daemon.port, '127.0.0.1'), '05ff');
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
});

test('users of a file beside the one of the command line', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await run(['htpasswd', '-bc', users, 'ann', 'pw']);
  const daemon = await startDaemon(t, ['--as', 'microsocks', '-a', users], {
    listen: ['--', '-p', '0', ...USER],
  });
  const echo = await echoServer(t);
  for (const login of [LOGIN, { user: 'ann', password: 'pw' }]) {
    (await connectThrough(daemon.port, echo, login)).socket.destroy();
  }
  await t.throwsAsync(connectThrough(daemon.port, echo, { user: 'ann', password: LOGIN.password }));
});

test('what a drop-in says once at the start is not said again by a reload', async (t) => {
  const daemon = await startDaemon(t, ['--as', 'osocks'], { listen: ['--', '-l', '127.0.0.1', '-p', '0'] });
  t.regex(await daemon.line(/picosocks5: command line: warning/), /--network/);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(daemon.lines.filter((line) => line.includes("--network='*'")).length, 1);
});

test('--print-config gives the same configuration, without the password', async (t) => {
  const args = [
    '--print-config',
    '--as',
    'microsocks',
    '--',
    '-1',
    '-b',
    '127.0.0.2',
    '-w',
    '127.0.0.1',
    ...USER,
  ];
  const printed = await runProgram(args);
  t.is(printed.status, 0, printed.stderr);
  t.notRegex(printed.stdout + printed.stderr, /s3cret/);
  t.regex(printed.stdout, /^# The password of -P is not printed/);
  const folder = temporaryFolder(t);
  const users = join(folder, 'users');
  const file = join(folder, 'picosocks5.conf');
  await run(['htpasswd', '-bc', users, LOGIN.user, LOGIN.password]);
  writeFileSync(file, printed.stdout.replaceAll('/etc/picosocks5/users', users));
  const again = await runProgram(['--print-config', '-c', file]);
  const settings = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('#'));
  t.deepEqual(
    settings(again.stdout),
    settings(printed.stdout).map((line) => line.replace('/etc/picosocks5/users', users)),
  );
});

test('--check says what is wrong with the command line of another program', async (t) => {
  const good = await runProgram(['--check', '--as', 'osocks', '--network=*', '--', '-p', '1081']);
  t.deepEqual(good, { status: 0, stdout: 'the configuration is valid\n', stderr: '' });
  const bad = await runProgram(['--check', '--as', 'osocks', '--', '-p', '70000']);
  t.is(bad.status, 1);
  t.regex(bad.stderr, /command line: -l -p: "70000" is not a port/);
});

test('exit statuses are those of the program', async (t) => {
  const cases = [
    [linkTo(t, 'microsocks'), '-p', 1],
    [linkTo(t, 'microsocks'), '-i', '192.0.2.1', 1],
    [linkTo(t, 'osocks'), '-V', 0],
    [linkTo(t, 'osocks'), '-x', 1],
    [linkTo(t, 'simplesocks5'), '192.0.2.1:0', 101],
  ] as const;
  for (const each of cases) {
    const command = each.slice(0, -1).map(String);
    t.is((await run(command)).status, Number(each.at(-1)), command.join(' '));
  }
});

test('a program that nobody knows is an error that lists those who are', async (t) => {
  const { status, stderr } = await runProgram(['--as', 'microsoks', '--', '-p', '1081']);
  t.is(status, 64);
  t.regex(stderr, /microsocks, osocks.*simplesocks5.*did you mean "microsocks"/);
});
