// "picosocks5 healthcheck", and the environment that containers configure the daemon by.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { CLOSED_PORT, listenTarget } from '../support/sockets.ts';

test('a daemon that serves is healthy, by both names of the check and by the environment', async (t) => {
  const { port } = await startDaemon(t);
  const address = `127.0.0.1:${port}`;
  for (const [args, env] of [
    [['healthcheck', address], {}],
    [['--healthcheck', address], {}],
    [['healthcheck'], { PICOSOCKS5_LISTEN: address }],
  ] as const) {
    const { status, stdout } = await runProgram(args, { env: { ...process.env, ...env } });
    t.is(stdout, `picosocks5 serves at ${address}\n`);
    t.is(status, 0);
  }
});

test('one that demands a login is healthy, and all addresses are asked at loopback', async (t) => {
  const users = join(temporaryFolder(t), 'users');
  writeFileSync(users, '');
  const { port } = await startDaemon(t, ['--auth', users], { listen: ['0.0.0.0:0'] });
  const { status, stdout } = await runProgram(['healthcheck', `0.0.0.0:${port}`]);
  t.is(stdout, `picosocks5 serves at 127.0.0.1:${port}\n`);
  t.is(status, 0);
});

test('what does not answer as it should is ill, and the line says how', async (t) => {
  const silent = await listenTarget();
  t.teardown(() => silent.close());
  const wrong = await listenTarget();
  t.teardown(() => wrong.close());
  wrong.server.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'));
  const shut = await startDaemon(t, ['--network', '!*']);
  for (const [port, why] of [
    [CLOSED_PORT, /nobody listens there/],
    [silent.port, /no answer within 2 s/],
    [wrong.port, /what answers is no SOCKS server/],
    [shut.port, /closes the connection without an answer; do "network"/],
  ] as const) {
    const { status, stdout } = await runProgram(['healthcheck', `127.0.0.1:${port}`]);
    t.regex(stdout, why);
    t.is(stdout.split('\n').length, 2);
    t.is(status, 1);
  }
});

test('a daemon serves as the environment says', async (t) => {
  const env = { PICOSOCKS5_LISTEN: '127.0.0.1:0\n127.0.0.2:0', PICOSOCKS5_LOG_FORMAT: 'json' };
  const daemon = await startDaemon(t, [], { listen: [], env });
  t.is(daemon.ports.length, 2);
  const refused = await runProgram(['--check'], { env: { ...process.env, PICOSOCKS5_DRAIN: 'soon' } });
  t.is(refused.status, 64);
  t.regex(refused.stderr, /environment variable PICOSOCKS5_DRAIN: drain: "soon" is not a time/);
});
