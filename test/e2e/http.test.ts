// Clients of HTTP proxies that people use, against the built daemon, on the port of SOCKS.
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createAuthority } from '../support/certificates.ts';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { webServer } from '../support/targets.ts';

const authority = createAuthority();
const curl = (...args: string[]) => run(['curl', '-sS', '--noproxy', '', '--max-time', '10', ...args]);

/** A page over TLS that says `sealed hello from PATH`; the port. */
async function secureServer(t: ExecutionContext): Promise<number> {
  const { keyFile, certFile } = authority.issue('IP:127.0.0.1,DNS:localhost');
  const identity = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
  const server = createServer(identity, ({ url = '' }, response) => response.end(`sealed hello from ${url}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function withAlice(t: ExecutionContext, ...args: string[]): Promise<Daemon> {
  const users = join(temporaryFolder(t), 'users');
  await mustRun(['htpasswd', '-bcB', '-C', '5', users, 'alice', 'se:cret']);
  return startDaemon(t, ['--auth', `htpasswd:${users}`, ...args]);
}

test('curl reaches pages in clear and over TLS, and several on one connection', async (t) => {
  const [web, sealed] = [await webServer(t), await secureServer(t)];
  const daemon = await startDaemon(t);
  const proxy = ['-x', `http://127.0.0.1:${daemon.port}`];
  const clear = await curl(...proxy, `http://localhost:${web}/a`, `http://localhost:${web}/b`);
  t.is(clear.stdout, 'hello from /ahello from /b', clear.stderr);
  const secure = await curl(...proxy, '--cacert', authority.file, `https://localhost:${sealed}/c`);
  t.is(secure.stdout, 'sealed hello from /c', secure.stderr);
  const records = [await daemon.line(/ ended /), await daemon.line(/ ended /), await daemon.line(/ ended /)];
  t.true(records.every((line) => line.includes('version=http')));
  const client = (line = ''): string | undefined => /client=(\S+)/.exec(line)?.[1];
  t.is(client(records[0]), client(records[1]), 'one connection, two records');
});

test('curl uploads and downloads megabytes in clear', async (t) => {
  const daemon = await startDaemon(t);
  const folder = temporaryFolder(t);
  const [body, back] = [join(folder, 'body'), join(folder, 'back')];
  writeFileSync(body, Buffer.alloc(5_000_000, 'picosocks5 '));
  const server = (await import('node:http')).createServer((request, response) => request.pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const framing of [[], ['-H', 'Transfer-Encoding: chunked']]) {
    const url = `http://127.0.0.1:${port}/`;
    const { status, stderr } = await curl(
      ...['-x', `http://127.0.0.1:${daemon.port}`, '--data-binary', `@${body}`, ...framing, '-o', back, url],
    );
    t.is(status, 0, stderr);
    t.true(readFileSync(back).equals(readFileSync(body)));
  }
});

test('a login is asked for, checked as with SOCKS, and counts for bans', async (t) => {
  const [web, sealed] = [await webServer(t), await secureServer(t)];
  const { port, line } = await withAlice(t, '--ban-after', '3', '--ban-allow', '192.0.2.1');
  const ask = (login: string, url: string) =>
    curl(
      '-x',
      `http://${login}127.0.0.1:${port}`,
      '--cacert',
      authority.file,
      '-w',
      '|%{http_connect}|',
      url,
    );
  t.is((await ask('alice:se%3Acret@', `http://127.0.0.1:${web}/in`)).stdout, 'hello from /in|000|');
  t.is(
    (await ask('alice:se%3Acret@', `https://localhost:${sealed}/in`)).stdout,
    'sealed hello from /in|200|',
  );
  for (let missing = 0; missing < 5; missing++)
    t.regex((await ask('', `https://localhost:${sealed}/`)).stdout, /\|407\|/);
  for (let wrong = 0; wrong < 3; wrong++) await ask('alice:guess@', `https://localhost:${sealed}/`);
  t.regex(await line(/ banned /), /client=127\.0\.0\.1/);
  t.not((await ask('alice:se%3Acret@', `http://127.0.0.1:${web}/in`)).status, 0);
});

test('wget and the urllib of Python come through with a login', async (t) => {
  const [web, sealed] = [await webServer(t), await secureServer(t)];
  const { port } = await withAlice(t);
  const proxy = `http://alice:se%3Acret@127.0.0.1:${port}`;
  const env = { ...process.env, http_proxy: proxy, https_proxy: proxy, no_proxy: '', NO_PROXY: '' };
  const wget = ['wget', '-qO-', '--tries=1', '--timeout=10', `--ca-certificate=${authority.file}`];
  t.is((await run([...wget, `http://127.0.0.1:${web}/w`], { env })).stdout, 'hello from /w');
  t.is((await run([...wget, `https://localhost:${sealed}/w`], { env })).stdout, 'sealed hello from /w');
  const script = `import urllib.request as u
print(u.urlopen("http://127.0.0.1:${web}/py").read().decode(), end="")`;
  const python = await run(['/usr/bin/python3', '-c', script], { env });
  t.is(python.stdout, 'hello from /py', python.stderr);
});

test('a refused connection is told by status and Proxy-Status', async (t) => {
  const { port } = await startDaemon(t);
  const url = `http://127.0.0.1:${CLOSED_PORT}/`;
  const { stdout } = await curl('-i', '-x', `http://127.0.0.1:${port}`, url);
  t.regex(stdout, /^HTTP\/1\.1 502 /);
  t.regex(stdout, /^Proxy-Status: picosocks5; error=connection_refused\r$/m);
});

test('the PAC file names the proxy as its client does; nothing else is served', async (t) => {
  const { port } = await withAlice(t, '--pac', 'generated');
  const { stdout } = await curl('-i', `http://localhost:${port}/proxy.pac`);
  t.regex(stdout, /^Content-Type: application\/x-ns-proxy-autoconfig\r$/m);
  t.true(stdout.includes(`return "PROXY localhost:${port}";`), stdout);
  t.regex((await curl('-i', `http://localhost:${port}/other`)).stdout, /^HTTP\/1\.1 400 /);
});

test('http = no refuses with 400, and SOCKS goes on', async (t) => {
  const web = await webServer(t);
  const { port, line } = await startDaemon(t, ['--http=no']);
  t.regex(
    (await curl('-i', '-x', `http://127.0.0.1:${port}`, `http://127.0.0.1:${web}/`)).stdout,
    /^HTTP\/1\.1 400 /,
  );
  t.regex(await line(/ refused /), /http = no/);
  t.is((await curl('--socks5', `127.0.0.1:${port}`, `http://127.0.0.1:${web}/s`)).stdout, 'hello from /s');
});

test('clients that drip the head of a request end in time, and an honest one does not feel them', async (t) => {
  const web = await webServer(t);
  const { port, line } = await startDaemon(t, ['--handshake-timeout', '2']);
  const drips = await Promise.all(Array.from({ length: 50 }, () => dialWire(port)));
  for (const { socket } of drips) {
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`GET http://127.0.0.1:${web}/ HTTP/1.1\r\nHost: a\r\n`);
    const drip = setInterval(() => socket.write('X: '.padEnd(100, 'x')), 50);
    t.teardown(() => clearInterval(drip));
  }
  const { stdout } = await curl('-x', `http://127.0.0.1:${port}`, `http://127.0.0.1:${web}/honest`);
  t.is(stdout, 'hello from /honest');
  t.regex(await line(/ refused /), /HANDSHAKE_TIMEOUT/);
});
