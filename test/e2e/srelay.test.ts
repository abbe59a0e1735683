// In the place of srelay: the examples of its manual and each of its options that a client can tell, on the built program.
import { chownSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { PROGRAM, runProgram, startCommand, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { withFilesInPlace } from '../support/mounts.ts';
import { asRoot } from '../support/root.ts';
import { dialWire, freePort, listenTarget } from '../support/sockets.ts';
import { connectThrough, enter, greet, type Login } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { startMicrosocks, startTinyproxy } from '../support/upstreams.ts';

const NOBODY = 65534;

/** In the foreground on a loopback port, behind `wrapper`. */
function startSrelay(
  t: ExecutionContext,
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<Daemon> {
  const link = join(temporaryFolder(t), 'srelay');
  symlinkSync(PROGRAM, link);
  return startCommand(t, [...wrapper, link, '-f', '-i', '127.0.0.1:0', ...args]);
}

/** A file that nobody may read, to whom srelay goes as root, but not the others. */
function fileWith(t: ExecutionContext, text: string): string {
  const file = rootFileWith(t, text);
  if (process.getuid?.() === 0) chownSync(file, NOBODY, NOBODY);
  return file;
}

function rootFileWith(t: ExecutionContext, text: string): string {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, text, { mode: 0o640 });
  return file;
}

async function echoes(daemon: Daemon, echo: number, login?: Login): Promise<string> {
  try {
    const wire = await connectThrough(daemon.port, echo, login);
    wire.send('hi');
    const answer = (await wire.take(2)).toString();
    wire.socket.end();
    return answer;
  } catch (error) {
    return (error as Error).message;
  }
}

const LOGIN = { user: 'opopop', password: 'tutut555' };

withIpv6('-i: an address of either family, a name, and a port alone', async (t) => {
  const listen = ['[::1]:0', 'localhost:0', ':0'].flatMap((address) => ['-i', address]);
  const daemon = await startSrelay(t, listen);
  const addresses = /listen=(\S+)/.exec(daemon.lines.join('\n'))?.[1]?.split(',') ?? [];
  const hosts = addresses.map((address) => address.replace(/:\d+$/, ''));
  t.deepEqual(hosts.slice(0, 2), ['127.0.0.1', '[::1]']);
  t.deepEqual([...hosts.slice(-2)].sort(), ['0.0.0.0', '[::]']);
  for (const [at, host] of hosts.entries()) {
    const wire = await dialWire(daemon.ports[at]!, host.includes('[') ? '::1' : '127.0.0.1');
    wire.send(Uint8Array.of(5, 1, 0));
    t.is((await wire.take(2)).toString('hex'), '0500', addresses[at]);
    wire.socket.destroy();
  }
});

test('a firewall before a socks island, farthest first, with a login at the island; HUP reads the routes again', async (t) => {
  const [island, firewall] = await Promise.all([startMicrosocks(t, LOGIN), startTinyproxy(t)]);
  const routes = fileWith(
    t,
    `# dest\tdest-port proxy\n127.0.0.1\tany\t127.0.0.1 ${island}\t127.0.0.1  ${firewall}/H\n`,
  );
  const logins = fileWith(
    t,
    `# next-hop server[/port]\tusername\tpassword\n127.0.0.1/${island}\topopop\t\ttutut555\n`,
  );
  const daemon = await startSrelay(t, ['-c', routes, '-u', logins]);
  const echo = await echoServer(t);
  t.is(await echoes(daemon, echo), 'hi');
  t.regex(
    await daemon.line(/ ended /),
    new RegExp(`via=127\\.0\\.0\\.1:${firewall},127\\.0\\.0\\.1:${island} `),
  );
  writeFileSync(routes, '127.0.0.1 - ; no next-hop means connect direct\n');
  daemon.signal('SIGHUP');
  await daemon.line(/ reloaded /);
  t.is(await echoes(daemon, echo), 'hi');
  t.notRegex(await daemon.line(/ ended /), / via=/);
});

test('-a p -U: users of a file of its own, by their whole names', async (t) => {
  const hash = await mustRun(['openssl', 'passwd', '-5', 'pass1']);
  const users = fileWith(t, `user1:${hash}user2:!${hash}`);
  const daemon = await startSrelay(t, ['-a', 'p', '-U', users]);
  const echo = await echoServer(t);
  t.is(await greet(daemon.port, '127.0.0.1'), '05ff');
  const answers = [];
  for (const user of ['user1', 'user', 'user12', 'user2']) {
    answers.push(await echoes(daemon, echo, { user, password: 'pass1' }));
  }
  t.deepEqual(answers, ['hi', 'login status 1', 'login status 1', 'login status 1']);
  t.is(await echoes(daemon, echo, { user: 'user1', password: 'pass2' }), 'login status 1');
});

const SECRET = { yescrypt: '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0' };

asRoot('-a p: accounts of this host, read before the privileges go and kept by HUP', async (t) => {
  const line = (user: string, hash: string, expires = ''): string =>
    `${user}:${hash}:19000:0:99999:7::${expires}:\n`;
  const { yescrypt } = SECRET;
  const shadow = rootFileWith(
    t,
    line('root', yescrypt) +
      line('ann', yescrypt) +
      line('bob', `!${yescrypt}`) +
      line('cid', yescrypt, '19001') +
      line('dan', ''),
  );
  const daemon = await startSrelay(t, ['-a', 'p'], withFilesInPlace({ '/etc/shadow': shadow }));
  const echo = await echoServer(t);
  const logIn = (user: string, password = 'secret'): Promise<string> =>
    echoes(daemon, echo, { user, password });
  t.is(await logIn('ann'), 'hi');
  for (const user of ['root', 'bob', 'cid', 'dan']) t.is(await logIn(user), 'login status 1', user);
  t.is(await logIn('ann', 'wrong'), 'login status 1');
  daemon.signal('SIGHUP');
  t.regex(
    await daemon.line(/ config .*shadow/),
    /\/etc\/shadow: warning: cannot be read again \(permission denied\): the accounts stay/,
  );
  t.regex(await daemon.line(/ reloaded /), / users=2$/);
  t.is(await logIn('ann'), 'hi');
  t.notRegex(daemon.lines.join('\n'), /\$y\$/);
});

asRoot('-w: hosts.allow and hosts.deny, under the name srelay', async (t) => {
  const place = {
    '/etc/hosts.allow': fileWith(t, 'srelay: 127.0.0.2\npicosocks5: ALL\n'),
    '/etc/hosts.deny': fileWith(t, 'srelay: ALL\n'),
  };
  const daemon = await startSrelay(t, ['-w'], withFilesInPlace(place));
  t.is(await greet(daemon.port, '127.0.0.2'), '0500');
  t.is(await greet(daemon.port, '127.0.0.3'), 'reset');
});

for (const [args, from] of [
  [['-g'], '127.0.0.5'],
  [['-x', '127.0.0.9'], '127.0.0.9'],
  [['-J', 'lo', '-x', '127.0.0.8'], '127.0.0.8'],
] as const) {
  test(`srelay ${args.join(' ')} leaves from ${from}; -r names the client, -o 0 lets it idle`, async (t) => {
    const target = await listenTarget();
    t.teardown(() => target.close());
    const daemon = await startSrelay(t, ['-i', '127.0.0.5:0', '-r', '-o', '0', ...args]);
    const wire = await dialWire(daemon.ports[1]!, '127.0.0.5');
    await enter(wire);
    wire.send(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, target.port >> 8, target.port & 255]));
    t.is((await wire.take(10))[1], 0);
    const { socket } = await target.accept();
    t.is(socket.remoteAddress, from);
    socket.end();
    wire.socket.end();
    t.regex(await daemon.line(/ ended /), / name=localhost$/);
  });
}

test('without -f it goes to the background, with a pid file that tells of it', async (t) => {
  const folder = temporaryFolder(t);
  const [pidFile, port] = [join(folder, 'srelay.pid'), await freePort()];
  const own = ['--syslog', `unix:${folder}/log`, '--as', 'srelay', '--'];
  const { status, stderr } = await runProgram([...own, '-i', `127.0.0.1:${port}`, '-p', pidFile, '-t']);
  t.is(status, 0, stderr);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.teardown(() => existsSync(`/proc/${pid}`) && process.kill(pid, 'SIGKILL'));
  t.regex(stderr, /warning: -t has no effect: /);
  t.is(readFileSync(`/proc/${pid}/comm`, 'utf8'), 'srelay\n');
  t.is(await greet(port, '127.0.0.1'), '0500');
  process.kill(pid, 'SIGTERM');
  await mustRun(['timeout', '10', 'tail', '-f', '-s', '0.1', '--pid', `${pid}`, '/dev/null']);
  // In a folder of root the account cannot remove it; the next start replaces it.
  t.is(existsSync(pidFile), process.getuid?.() === 0);
});

test('what it cannot do ends with 1, as everything that srelay tells', async (t) => {
  const link = join(temporaryFolder(t), 'srelay');
  symlinkSync(PROGRAM, link);
  for (const [args, text] of [
    [['-V'], /^srelay 0\.4\.8 \(picosocks5 /],
    [['-f', '-c', '/nonexistent/routes'], /\/nonexistent\/routes: cannot be read: no such file/],
    [['-f', '-i', '192.0.2.1:1'], /cannot listen on 192\.0\.2\.1:1/],
    [['-g', '-x', '127.0.0.1'], /-g: client stands for the one address/],
  ] as const) {
    const { status, stderr } = await run([link, ...args]);
    t.is(status, 1, stderr);
    t.regex(stderr, text);
  }
});
