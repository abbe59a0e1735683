// Clients of SOCKS4 and SOCKS4a that people use, against the built daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { dialWire } from '../support/sockets.ts';
import { echoServer, webServer } from '../support/targets.ts';

const curl = (...args: string[]) => run(['curl', '-sS', '--noproxy', '', '--max-time', '10', ...args]);

test('curl reaches a page over SOCKS4 and SOCKS4a, and its user id is no user in the log', async (t) => {
  const web = await webServer(t);
  const { port, line } = await startDaemon(t);
  for (const [scheme, host] of [
    ['socks4', '127.0.0.1'],
    ['socks4', 'localhost'],
    ['socks4a', 'localhost'],
    ['socks4a', '127.0.0.1'],
  ] as const) {
    const proxy = `${scheme}://ann@127.0.0.1:${port}`;
    const { stdout, stderr } = await curl('--proxy', proxy, `http://${host}:${web}/${scheme}`);
    t.is(stdout, `hello from /${scheme}`, stderr);
    t.regex(await line(/ ended /), / client=\S+ userid=ann cmd=connect /);
  }
});

test('a password that a client sends as its user id stands nowhere: not in the log, not in a dump', async (t) => {
  const web = await webServer(t);
  const { port, line, lines, signal } = await startDaemon(t, ['-v', 'debug']);
  const held = await dialWire(port, '127.0.0.1');
  t.teardown(() => held.socket.destroy());
  const head = Buffer.from([4, 1, web >> 8, web & 0xff, 127, 0, 0, 1]);
  held.send(Buffer.concat([head, Buffer.from('ann:sesame\0')]));
  await held.take(8);
  signal('SIGUSR1');
  t.regex(await line(/ live /), / userid=ann:\*\*\*/);
  held.socket.end();
  t.regex(await line(/ ended /), / userid=ann:\*\*\*/);
  t.false(lines.join('\n').includes('sesame'));
});

withIpv6('curl reaches a page on IPv6 by its name over SOCKS4a', async (t) => {
  const web = await webServer(t, '::1');
  const { port } = await startDaemon(t);
  const { stdout, stderr } = await curl('--socks4a', `127.0.0.1:${port}`, `http://localhost:${web}/six`);
  t.is(stdout, 'hello from /six', stderr);
});

test('curl is told that SOCKS4 is refused where users are configured', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'secret']);
  const { port, line } = await startDaemon(t, ['--auth', `htpasswd:${users}`]);
  const { status, stderr } = await curl('--proxy', `socks4://alice@127.0.0.1:${port}`, 'http://127.0.0.1:1/');
  t.is(status, 97, stderr);
  t.regex(await line(/ refused /), / userid=alice rep=2 why=LOGIN_IMPOSSIBLE /);
});

test('nc -X 4 passes both directions and half close', async (t) => {
  const echo = await echoServer(t);
  const { port } = await startDaemon(t);
  const command = ['nc', '-N', '-X', '4', '-x', `127.0.0.1:${port}`, '127.0.0.1', String(echo)];
  t.is(await mustRun(command, 'there and back\n'), 'there and back\n');
});

test('proxychains4 takes a program through over SOCKS4', async (t) => {
  const web = await webServer(t);
  const { port } = await startDaemon(t);
  const config = join(temporaryFolder(t), 'proxychains.conf');
  writeFileSync(config, `strict_chain\nproxy_dns\nquiet_mode\n[ProxyList]\nsocks4 127.0.0.1 ${port}\n`);
  const page = `http://127.0.0.1:${web}/chained`;
  const command = ['proxychains4', '-q', '-f', config, 'curl', '-sS', '--noproxy', '', page];
  t.is(await mustRun(command), 'hello from /chained');
});
