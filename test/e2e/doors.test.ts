// Who is let in without a login and who is kept out, as an operator sets it: files, reloads, the log.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { PROGRAM, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { dialWire } from '../support/sockets.ts';
import { connectThrough, enter, greet } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

interface Place {
  readonly folder: string;
  readonly config: string;
  readonly users: string;
  /** Writes the configuration beside `auth`. */
  readonly write: (text: string) => void;
}

async function place(t: ExecutionContext, text: string): Promise<Place> {
  const folder = temporaryFolder(t);
  const [config, users] = [join(folder, 'picosocks5.conf'), join(folder, 'users')];
  writeFileSync(users, await mustRun(['htpasswd', '-nbB', '-C', '4', 'alice', 'secret']));
  const write = (changed: string) => writeFileSync(config, `auth = htpasswd:${users}\n${changed}`);
  write(text);
  return { folder, config, users, write };
}

/** Logs in from an address; the message of the failure where it does not succeed. */
async function login({ port }: Daemon, password: string, from: string): Promise<string> {
  try {
    const wire = await dialWire(port, '127.0.0.1', from);
    await enter(wire, { user: 'alice', password }).finally(() => wire.socket.destroy());
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

async function reload(daemon: Daemon): Promise<string> {
  daemon.signal('SIGHUP');
  return daemon.line(/ reloaded | reload-failed /);
}

test('auth-once lets an address in after a login, and remembers it over a reload', async (t) => {
  const { config, write } = await place(t, 'auth-once = 1h\n');
  const daemon = await startDaemon(t, ['-c', config]);
  t.is(await greet(daemon.port, '127.0.0.2'), '05ff');
  t.is(await login(daemon, 'secret', '127.0.0.2'), 'in');
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
  t.regex(await reload(daemon), / reloaded /);
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
  write('whitelist = 127.0.0.3\n');
  t.regex(await reload(daemon), / reloaded /);
  t.is(await greet(daemon.port, '127.0.0.2'), '05ff');
  t.is(await greet(daemon.port, '127.0.0.3'), '0500');
});

test('whitelisted clients are served as anonymous ones', async (t) => {
  const { users } = await place(t, '');
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, ['--auth', users, '--whitelist', '127.0.0.1']);
  (await connectThrough(daemon.port, echo)).socket.end();
  t.notRegex(await daemon.line(/ ended /), / user=/);
});

test('who guesses is banned with one line, also over a reload, until the ban is over', async (t) => {
  const settings = 'ban-after = 3\nban-time = 3s\nban-allow = 192.0.2.1\n';
  const { config } = await place(t, settings);
  const daemon = await startDaemon(t, ['-c', config]);
  for (const guess of ['a', 'b', 'c']) t.is(await login(daemon, guess, '127.0.0.2'), 'login status 1');
  t.regex(await daemon.line(/ banned client=/), / warn banned client=127\.0\.0\.2 secs=3 failures=3$/);
  t.regex(await daemon.line(/ banned user=/), / warn banned user=alice secs=3 failures=3$/);
  t.is(await greet(daemon.port, '127.0.0.2'), 'reset');
  t.regex(await daemon.line(/ turned-away /), /client=127\.0\.0\.2:\d+ .*why=CLIENT_BANNED/);
  t.regex(await reload(daemon), / reloaded /);
  const bannedAt = Date.now();
  while ((await greet(daemon.port, '127.0.0.2')) === 'reset' && Date.now() < bannedAt + 10_000);
  t.is(await greet(daemon.port, '127.0.0.2'), '05ff');
});

test('this host is not banned unless ban-allow says otherwise', async (t) => {
  const { config } = await place(t, 'ban-after = 2\n');
  const daemon = await startDaemon(t, ['-c', config]);
  for (const guess of ['a', 'b', 'c', 'd']) t.is(await login(daemon, guess, '127.0.0.2'), 'login status 1');
  t.is(await login(daemon, 'secret', '127.0.0.2'), 'in');
});

/** A command in front of the daemon that gives it files of its own in the place of those in /etc, where it runs alone. */
function withFiles(folder: string): readonly string[] {
  const mounts = ['allow', 'deny'].map((each) => `mount --bind ${folder}/hosts.${each} /etc/hosts.${each}`);
  return [
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `${mounts.join('&&')}&&exec "$@"`,
    'sh',
  ];
}

test('hosts.allow and hosts.deny are asked, and followed as they change', async (t) => {
  const { folder, config } = await place(t, 'tcp-wrappers = yes\n');
  const [allow, deny] = [join(folder, 'hosts.allow'), join(folder, 'hosts.deny')];
  writeFileSync(allow, 'picosocks5: 127.0.0.2\n');
  writeFileSync(deny, '# nobody else\nALL: ALL\n');
  const daemon = await startDaemon(t, ['-c', config], { wrapper: withFiles(folder) });
  t.is(await greet(daemon.port, '127.0.0.2'), '05ff');
  t.is(await greet(daemon.port, '127.0.0.3'), 'reset');
  t.regex(
    await daemon.line(/ turned-away /),
    /client=127\.0\.0\.3:\d+ .*why=CLIENT_DENIED detail="ALL: ALL \(\/etc\/hosts\.deny:2\)"/,
  );
  writeFileSync(allow, 'picosocks5: 127.0.0.3\n');
  const writtenAt = Date.now();
  while ((await greet(daemon.port, '127.0.0.3')) === 'reset' && Date.now() < writtenAt + 5000);
  t.is(await greet(daemon.port, '127.0.0.3'), '05ff');
  t.is(await greet(daemon.port, '127.0.0.2'), 'reset');

  writeFileSync(deny, 'ALL: @netgroup\n');
  t.regex(await reload(daemon), / reload-failed /);
  t.true(daemon.lines.some((line) => /\/etc\/hosts\.deny:1: .*@netgroup.* is not supported/.test(line)));
  t.is(await greet(daemon.port, '127.0.0.2'), 'reset');
});

test('--check tells what is wrong with hosts.allow, and without tcp-wrappers does not care', async (t) => {
  const { folder, config, write } = await place(t, 'tcp-wrappers = yes\n');
  writeFileSync(join(folder, 'hosts.allow'), 'ALL: KNOWN\n');
  writeFileSync(join(folder, 'hosts.deny'), '');
  const check = () => run([...withFiles(folder), PROGRAM, '-c', config, '--check']);
  const checked = await check();
  t.is(checked.status, 78);
  t.regex(checked.stderr, /\/etc\/hosts\.allow:1: "KNOWN" is not supported/);
  write('');
  t.is((await check()).status, 0);
});
