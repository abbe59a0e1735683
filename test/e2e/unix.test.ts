// Clients over Unix sockets, with real programs: who they are, what they may, and the life of the file.
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { pis5ctl } from '../support/pis5ctl.ts';
import { asRoot } from '../support/root.ts';
import { dialUnixWire, freePort, type Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { webServer } from '../support/targets.ts';
import type { Scope } from '../support/scope.ts';
import { startSshd } from '../support/sshd.ts';

const UID = process.getuid!();

/** As root a socket is made only where root alone may write. */
function folderOf(t: Scope): string {
  if (UID !== 0) return temporaryFolder(t);
  const folder = mkdtempSync('/run/picosocks5-test-');
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const curl = (path: string, port: number): string[] => [
  ...['curl', '-sS', '--max-time', '30', '-o', '/dev/null', '-w', '%{http_code}'],
  ...['--proxy', `socks5h://localhost${path}`, `http://127.0.0.1:${port}/`],
];

async function entered(path: string): Promise<Wire> {
  const wire = await dialUnixWire(path);
  await enter(wire);
  return wire;
}

test('curl comes in by the path, is known by its account, and the file goes at the end', async (t) => {
  const folder = folderOf(t);
  const [path, control] = [join(folder, 'socks'), join(folder, 'control')];
  const port = await webServer(t);
  const daemon = await startDaemon(
    t,
    ['--control', control, '--loglevel', 'debug', '--ban-allow', '192.0.2.1'],
    {
      listen: [`unix:${path}`],
    },
  );
  t.is(statSync(path).mode & 0o777, 0o600);
  t.is(await mustRun(curl(path, port)), '200');
  t.regex(await daemon.line(/ ended /), new RegExp(`client="unix:uid=${UID}" cmd=connect`));
  const wire = await entered(path);
  const listed = await pis5ctl('--control', control, 'sessions', '--client', 'unix');
  t.regex(listed.stdout, new RegExp(`unix:uid=${UID}\\b`));
  t.regex(
    (await pis5ctl('--control', control, 'status')).stdout,
    new RegExp(`listening on: +unix:${path}\n`),
  );
  await pis5ctl('--control', control, 'kick', `client=unix:uid=${UID}`);
  t.is(await wire.ending(), 'fin');
  await pis5ctl('--control', control, 'ban', `unix:uid=${UID}`);
  const banned = await dialUnixWire(path);
  banned.send(Uint8Array.of(5, 1, 0));
  await t.throwsAsync(banned.take(2));
  t.regex(await daemon.line(/ turned-away /), /client="?unix:uid=\d+"? .*why=CLIENT_BANNED/);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
  t.false(existsSync(path));
});

test('a reload opens and closes sockets, and a failure changes nothing', async (t) => {
  const folder = folderOf(t);
  const [one, two, config] = [join(folder, 'one'), join(folder, 'two'), join(folder, 'conf')];
  writeFileSync(config, `listen = unix:${one}\n`);
  const daemon = await startDaemon(t, ['-c', config], { listen: [] });
  writeFileSync(config, `listen = unix:${two}\n`);
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  (await entered(two)).socket.destroy();
  t.false(existsSync(one));
  const other = createServer();
  other.listen(one);
  await once(other, 'listening');
  t.teardown(() => other.close());
  writeFileSync(config, `listen = unix:${one}\n`);
  daemon.signal('SIGHUP');
  t.regex(await daemon.line(/ reload-failed /), /unix:\S+one: .*listens there; stop it first/);
  (await entered(two)).socket.destroy();
});

test('a socket of a killed daemon is replaced; a link, a file and a living one end the start with 71', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'socks');
  const killed = await startDaemon(t, [], { listen: [`unix:${path}`] });
  killed.signal('SIGKILL');
  await killed.exited;
  t.true(existsSync(path));
  const daemon = await startDaemon(t, [], { listen: [`unix:${path}`] });
  (await entered(path)).socket.destroy();
  const start = (where: string, ...args: string[]) =>
    runProgram(['--nofork', '--logmode', 'stderr', ...args, `unix:${where}`]);
  for (const args of [[], ['--check']]) {
    const second = await start(path, ...args);
    t.is(second.status, 71, second.stderr);
    t.regex(second.stderr, /cannot listen on unix:\S+socks: .*listens there/);
  }
  (await entered(path)).socket.destroy();
  const [precious, link] = [join(folder, 'precious'), join(folder, 'link')];
  writeFileSync(precious, 'text');
  symlinkSync(path, link);
  for (const where of [precious, link]) {
    const refused = await start(where);
    t.is(refused.status, 71, refused.stderr);
    t.regex(refused.stderr, /what is there is no socket/);
  }
  t.is(statSync(precious).size, 4);
  daemon.signal('SIGTERM');
  t.is(await daemon.exited, 0);
});

test('--takeover passes the socket on: no client is refused, and the name stays', async (t) => {
  const folder = folderOf(t);
  const [path, control] = [join(folder, 'socks'), join(folder, 'control')];
  const args = ['--control', control, '--takeover'];
  const old = await startDaemon(t, args, { listen: [`unix:${path}`] });
  const heir = await startDaemon(t, args, { listen: [`unix:${path}`] });
  await heir.line(/ took-over /);
  t.is(await old.exited, 0);
  (await entered(path)).socket.destroy();
  heir.signal('SIGTERM');
  t.is(await heir.exited, 0);
  t.false(existsSync(path));
});

test('with unix-user the account is the login, and stays it over a reload that rechecks', async (t) => {
  const folder = folderOf(t);
  const [path, config, users] = [join(folder, 'socks'), join(folder, 'conf'), join(folder, 'users')];
  const port = await webServer(t);
  writeFileSync(users, await mustRun(['htpasswd', '-nbB', '-C', '4', 'alice', 'secret']));
  const write = (more: string) => writeFileSync(config, `auth = htpasswd:${users}\nrecheck = cut\n${more}`);
  write('');
  const daemon = await startDaemon(t, ['-c', config], { listen: [`unix:${path}`] });
  await t.throwsAsync(mustRun(curl(path, port)));
  write('unix-user = yes\n');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await mustRun(curl(path, port)), '200');
  t.regex(await daemon.line(/ ended /), new RegExp(` user=${userInfo().username} `));
  const wire = await entered(path);
  daemon.signal('SIGHUP');
  await daemon.line(/ recheck .*refused=0/);
  wire.socket.destroy();
});

asRoot(
  'the file belongs to the account and the group, and an account that floods leaves others alone',
  async (t) => {
    const folder = folderOf(t);
    const path = join(folder, 'socks');
    const port = await webServer(t);
    await mustRun(['chmod', '755', folder]);
    const args = ['-u', 'nobody', '--limit', 'client sessions=8'];
    await startDaemon(t, args, { listen: [`unix:${path},mode=0666,group=daemon`] });
    const { mode, uid, gid } = statSync(path);
    t.deepEqual([mode & 0o777, uid, gid], [0o666, 65_534, 1]);
    const flood = Array.from({ length: 200 }, () => dialUnixWire(path));
    const wires = await Promise.all(flood);
    t.teardown(() => wires.forEach(({ socket }) => socket.destroy()));
    t.is(await mustRun(['setpriv', '--reuid=1', '--clear-groups', ...curl(path, port)]), '200');
  },
);

test('programs that know paths come through: nc -U, socat and ssh by HTTP; a path over 107 bytes is refused', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'socks');
  const port = await webServer(t);
  const daemon = await startDaemon(t, ['--control', join(folder, 'control')], { listen: [`unix:${path}`] });
  const request = `CONNECT 127.0.0.1:${port} HTTP/1.0\r\n\r\nGET /nc HTTP/1.0\r\n\r\n`;
  for (const program of [
    ['nc', '-N', '-U', path],
    ['socat', '-', `UNIX-CONNECT:${path}`],
  ]) {
    const { stdout } = await run(program, { input: request });
    t.regex(
      stdout,
      /^HTTP\/1\.1 200 Connection established\r\n\r\nHTTP\/1\.1 200 [^]*hello from \/nc$/,
      program[0],
    );
    t.regex(await daemon.line(/ ended /), new RegExp(`client="unix:uid=${UID}" version=http`));
  }
  const target = `http://127.0.0.1:${port}/clear`;
  const absolute = ['--unix-socket', path, '--request-target', target, target];
  t.is(await mustRun(['curl', '-sS', '--max-time', '30', ...absolute]), 'hello from /clear');
  const address = `unix:/${'x'.repeat(107)}`;
  const refused = await runProgram(['--check', '--logmode', 'stderr', address]);
  t.is(refused.status, 64, refused.stderr);
  t.regex(refused.stderr, /it has 108 bytes, and 107 fit/);
});

asRoot('ssh goes through nc -U: it skips the answer of HTTP, as lines before the banner', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'socks');
  await startDaemon(t, [], { listen: [`unix:${path}`] });
  const sshd = await startSshd(t, folder);
  const dial = `sh -c "{ printf 'CONNECT %h:%p HTTP/1.0\\r\\n\\r\\n'; cat; } | nc -U ${path}"`;
  const { stdout, stderr } = await run([
    ...['ssh', '-F', 'none', '-i', sshd.key, '-p', String(sshd.port), '-o', 'BatchMode=yes'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', `ProxyCommand=${dial}`],
    ...['root@127.0.0.1', 'echo through nc'],
  ]);
  t.is(stdout, 'through nc\n', stderr);
});

test('HAProxy announces its clients over a socket, where it is named by its account', async (t) => {
  const folder = folderOf(t);
  const [path, file] = [join(folder, 'socks'), join(folder, 'haproxy.cfg')];
  const [web, front] = [await webServer(t), await freePort()];
  const args = ['--proxy-protocol', `unix:uid=${UID}`, '--network', '*', '--request', 'connect:127.0.0.1'];
  const daemon = await startDaemon(t, args, { listen: [`unix:${path}`] });
  const times = ['connect', 'client', 'server'].map((each) => `timeout ${each} 1m`).join('\n');
  const listen = `listen a\nbind 127.0.0.1:${front}\nserver m ${path} send-proxy-v2`;
  writeFileSync(file, `defaults\nmode tcp\n${times}\n${listen}\n`);
  const haproxy = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: 'ignore' });
  t.teardown(() => haproxy.kill('SIGKILL'));
  const retry = ['--retry-connrefused', '--retry', '20', '--retry-delay', '1', '--interface', '127.0.0.5'];
  const proxy = ['--proxy', `socks5h://127.0.0.1:${front}`, `http://127.0.0.1:${web}/h`];
  t.is(await mustRun(['curl', '-sS', ...retry, ...proxy]), 'hello from /h');
  t.regex(await daemon.line(/ ended /), / client=127\.0\.0\.5:\d+ /);
});

asRoot('root makes no socket in a folder that others may change', async (t) => {
  const folder = temporaryFolder(t);
  await mustRun(['chown', 'nobody', folder]);
  const refused = await runProgram(['--nofork', '--logmode', 'stderr', `unix:${join(folder, 'socks')}`]);
  t.is(refused.status, 77, refused.stderr);
  t.regex(refused.stderr, /cannot use listen = unix:\S+socks: others than root may change/);
});
