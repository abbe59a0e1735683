// Clients that people use, against the built daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { echoServer, webServer } from '../support/targets.ts';

const curl = (...args: string[]) => run(['curl', '-sS', '--noproxy', '', '--max-time', '10', ...args]);

test('curl reaches a page by address and by name', async (t) => {
  const web = await webServer(t);
  const { port } = await startDaemon(t);
  for (const proxy of ['--socks5', '--socks5-hostname']) {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { stdout, stderr } = await curl(proxy, `127.0.0.1:${port}`, `http://${host}:${web}/${host}`);
      t.is(stdout, `hello from /${host}`, stderr);
    }
  }
});

withIpv6('curl reaches a page on IPv6, through a listener on IPv6', async (t) => {
  const web = await webServer(t, '::1');
  const { port } = await startDaemon(t, [], { listen: ['[::1]:0'] });
  const { stdout, stderr } = await curl('--socks5', `[::1]:${port}`, `http://[::1]:${web}/six`);
  t.is(stdout, 'hello from /six', stderr);
});

test('curl is let in with its password, and told that it is wrong or missing', async (t) => {
  const web = await webServer(t);
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'se:cret']);
  const { port, line } = await startDaemon(t, ['--auth', `htpasswd:${users}`]);
  const ask = (login: string) =>
    curl('--proxy', `socks5h://${login}127.0.0.1:${port}`, `http://127.0.0.1:${web}/in`);
  t.is((await ask('alice:se%3Acret@')).stdout, 'hello from /in');
  const wrong = await ask('alice:guess@');
  t.is(wrong.status, 97, wrong.stderr);
  t.regex(await line(/login-failed/), /user=alice/);
  const missing = await ask('');
  t.is(missing.status, 97, missing.stderr);
  t.regex(await line(/ refused .*METHOD_UNACCEPTABLE|refused/), /client=/);
});

test('no password reaches the log, at its most talkative, or the list of live sessions', async (t) => {
  const web = await webServer(t);
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'Sesame1']);
  const daemon = await startDaemon(t, ['--auth', users, '-v', 'debug']);
  for (const login of ['alice:Sesame1', 'alice:Sesame2', 'nobody:Sesame3', 'alice:Sesame4%0a']) {
    await curl('--proxy', `socks5h://${login}@127.0.0.1:${daemon.port}`, `http://127.0.0.1:${web}/in`);
  }
  daemon.signal('SIGUSR1');
  await daemon.line(/ counters .*logins-failed=/);
  daemon.signal('SIGTERM');
  await daemon.exited;
  t.true(daemon.lines.some((line) => line.includes('user=alice')));
  t.notRegex(daemon.lines.join('\n'), /Sesame|\$2y\$/);
});

test('curl says that a port refuses and that a name does not exist', async (t) => {
  const { port } = await startDaemon(t);
  const refused = await curl('--socks5', `127.0.0.1:${port}`, 'http://127.0.0.1:1/');
  t.regex(refused.stderr, /\(5\)/);
  const unknown = await curl('--socks5-hostname', `127.0.0.1:${port}`, 'http://no.such.host.invalid/');
  t.regex(unknown.stderr, /\(4\)/);
});

test('nc -X 5 passes both directions and half close', async (t) => {
  const echo = await echoServer(t);
  const { port } = await startDaemon(t);
  const command = ['nc', '-N', '-X', '5', '-x', `127.0.0.1:${port}`, '127.0.0.1', String(echo)];
  t.is(await mustRun(command, 'there and back\n'), 'there and back\n');
});

test('proxychains4 takes a program through, name look-ups included', async (t) => {
  const web = await webServer(t);
  const { port, line } = await startDaemon(t);
  const config = join(temporaryFolder(t), 'proxychains.conf');
  writeFileSync(config, `strict_chain\nproxy_dns\nquiet_mode\n[ProxyList]\nsocks5 127.0.0.1 ${port}\n`);
  const command = [
    'proxychains4',
    '-q',
    '-f',
    config,
    'curl',
    '-sS',
    '--noproxy',
    '',
    `http://localhost:${web}/chained`,
  ];
  t.is(await mustRun(command), 'hello from /chained');
  t.regex(await line(/ ended /), /dest=/);
});
