// Requests for URLs, from a client of HTTP through a session to a web server, over each transport. The servers say exactly what a test
// wants, and show what reached them.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { policy, section } from '../support/policy.ts';
import { onlyUser, SNAPSHOT, startServerFor, type TestServer } from '../support/server.ts';
import { CLOSED_PORT, dialWire, type Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

interface Web {
  readonly port: number;
  /** What each connection has brought, so far. */
  readonly heard: string[];
}

/** Says `answers`, one for each connection, once it has heard `until`; then FIN. */
async function web(t: ExecutionContext, answers: readonly string[], until = '\r\n\r\n'): Promise<Web> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const at = heard.push('') - 1;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard[at]! += bytes.toString('latin1');
      const isWhole = heard[at]!.indexOf(until, heard[at]!.length - bytes.length - until.length) >= 0;
      if (isWhole && !socket.writableEnded) socket.end(answers[at] ?? '', 'latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

async function dial(t: ExecutionContext, { port }: TestServer): Promise<Wire> {
  const wire = await dialWire(port);
  t.teardown(() => wire.socket.destroy());
  return wire;
}

const lines = (...all: string[]): string => [...all, '', ''].join('\r\n');
const get = (port: number, ...fields: string[]): string =>
  lines(`GET http://127.0.0.1:${port}/a?b HTTP/1.1`, 'Host: elsewhere', ...fields);
const HELLO = `${lines('HTTP/1.1 200 OK', 'Content-Length: 5')}hello`;

/** Via names this process. */
const plain = (text: string): string => text.replace(/picosocks5-[0-9a-f]{8}/g, 'US');

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: what concerns one connection stays behind, credentials for us first of all`, async (t) => {
    const server = await startServerFor(t, transport, {
      http: {},
      policy: policy({ hasUsers: true }),
      checkLogin: onlyUser('alice', 'secret'),
    });
    const there = await web(t, [
      `${lines('HTTP/1.1 200 Fine', 'Connection: X-Hop', 'X-Hop: 1', 'Keep-Alive: 5', 'X-Kept: 2', 'Content-Length: 5')}hello`,
    ]);
    const wire = await dial(t, server);
    const login = `Proxy-Authorization: Basic ${Buffer.from('alice:secret').toString('base64')}`;
    wire.send(
      get(
        there.port,
        login,
        'Connection: X-Mine, host',
        'X-Mine: 1',
        'Proxy-Connection: close',
        'TE: gzip',
        'Upgrade: x',
        'X-Ours: 2',
      ),
    );
    t.is(
      plain((await wire.rest()).toString()),
      `${lines('HTTP/1.1 200 Fine', 'X-Kept: 2', 'Content-Length: 5', 'Via: 1.1 US', 'Connection: close')}hello`,
    );
    const told = [
      'GET /a?b HTTP/1.1',
      `Host: 127.0.0.1:${there.port}`,
      'X-Ours: 2',
      'Via: 1.1 US',
      'Connection: close',
    ];
    t.is(plain(there.heard[0]!), lines(...told));
    const ended = await server.event('ended');
    t.like(ended, { endedBy: 'answered', session: { command: 'connect', version: 'http' } });
    t.like(ended.session.identity, { kind: 'user', name: 'alice' });
  });

  test(`${name}: each request on a connection is a session, with rules and login of its own`, async (t) => {
    const there = await web(t, [HELLO, HELLO]);
    const denied = await web(t, [HELLO]);
    const server = await startServerFor(t, transport, {
      http: {},
      policy: policy({ rules: section('', { request: `!connect:127.0.0.1:${denied.port} connect:*` }) }),
    });
    const wire = await dial(t, server);
    // Sent ahead of each other, as apt does.
    wire.send(get(there.port) + get(there.port) + get(denied.port));
    const text = plain((await wire.rest()).toString());
    const hello = `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Via: 1.1 US')}hello`;
    t.true(text.startsWith(`${hello}${hello}HTTP/1.1 403 `), text);
    t.deepEqual([there.heard.length, denied.heard.length], [2, 0]);
    await server.event('refused');
    t.deepEqual(
      server.events.map(({ kind }) => kind),
      ['accepted', 'connected', 'ended', 'accepted', 'connected', 'ended', 'accepted', 'refused'],
    );
  });

  test(`${name}: a kept connection that asks for nothing more is nobody's failure`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [HELLO]);
    const wire = await dial(t, server);
    wire.send(get(there.port));
    await server.event('ended');
    wire.socket.end();
    t.true((await wire.rest()).toString().endsWith('hello'));
    await server.server.registry.emptied();
    t.deepEqual(
      server.events.map(({ kind }) => kind),
      ['accepted', 'connected', 'ended'],
    );
  });

  test(`${name}: a body of chunks is put into chunks of our own, both ways`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const chunks = '5;x=y\r\nhello\r\n00\r\nTrailer: dropped\r\n\r\n';
    const there = await web(
      t,
      [lines('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked') + chunks],
      '0\r\n\r\n',
    );
    const wire = await dial(t, server);
    wire.send(
      lines(
        `POST http://127.0.0.1:${there.port} HTTP/1.1`,
        'Host: a',
        'Transfer-Encoding: chunked',
        'Proxy-Connection: close',
      ),
    );
    for (const byte of chunks) {
      wire.send(byte);
      await new Promise(setImmediate);
    }
    const told = plain((await wire.rest()).toString());
    t.is(
      told,
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Via: 1.1 US', 'Connection: close')}5\r\nhello\r\n0\r\n\r\n`,
    );
    const [head = '', body = ''] = there.heard[0]!.split(/\r\n\r\n([^]*)/);
    t.regex(head, /^POST \/ HTTP\/1\.1\r\n[^]*Transfer-Encoding: chunked/);
    t.is(body.replaceAll(/[1-5]\r\n([helo]+)\r\n/g, '$1'), 'hello0\r\n\r\n');
  });

  test(`${name}: an answer without a length ends with its connection; HTTP/1.0 gets no chunks`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [
      `${lines('HTTP/1.0 200 OK')}until the end`,
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    ]);
    const first = await dial(t, server);
    first.send(get(there.port));
    t.is(
      plain((await first.rest()).toString()),
      `${lines('HTTP/1.1 200 OK', 'Via: 1.0 US', 'Connection: close')}until the end`,
    );
    const second = await dial(t, server);
    second.send(lines(`GET http://127.0.0.1:${there.port}/ HTTP/1.0`));
    t.is(
      plain((await second.rest()).toString()),
      `${lines('HTTP/1.1 200 OK', 'Via: 1.1 US', 'Connection: close')}abc`,
    );
  });

  test(`${name}: 100 Continue comes to the client before it sends its body`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [`${lines('HTTP/1.1 100 Continue')}${HELLO}`]);
    const wire = await dial(t, server);
    wire.send(
      lines(
        `PUT http://127.0.0.1:${there.port}/ HTTP/1.1`,
        'Host: a',
        'Expect: 100-continue',
        'Content-Length: 3',
      ),
    );
    const text = plain((await wire.rest()).toString());
    // The body has not been sent, so nobody knows where the next request would begin.
    t.is(
      text,
      lines('HTTP/1.1 100 Continue', 'Via: 1.1 US') +
        `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Via: 1.1 US', 'Connection: close')}hello`,
    );
    t.regex(there.heard[0]!, /Expect: 100-continue\r\n/);
  });

  const bad: readonly (readonly [what: string, answer: string])[] = [
    ['nothing', ''],
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['two lengths', `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6')}hello`],
    [
      'chunks and a length',
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    ['a switch of protocols', lines('HTTP/1.1 101 Switching Protocols', 'Upgrade: x')],
    [
      'the question for a login at a proxy',
      lines('HTTP/1.1 407 x', 'Proxy-Authenticate: Basic', 'Content-Length: 0'),
    ],
    ['a folded field', lines('HTTP/1.1 200 OK', 'X: a', ' b')],
  ];
  for (const [what, said] of bad) {
    test(`${name}: a server that answers with ${what} is a bad gateway`, async (t) => {
      const server = await startServerFor(t, transport, { http: {} });
      const there = await web(t, [said]);
      const wire = await dial(t, server);
      wire.send(get(there.port));
      t.regex((await wire.rest()).toString(), /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*Connection: close\r\n/);
      const ended = await server.event('ended');
      t.like(ended, { endedBy: 'target-fin', fault: { code: 'MESSAGE_MALFORMED' } });
    });
  }

  test(`${name}: an answer that was cut never looks whole`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [
      `${lines('HTTP/1.1 200 OK', 'Content-Length: 6')}hello`,
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`,
    ]);
    for (let each = 0; each < 2; each++) {
      const wire = await dial(t, server);
      wire.send(get(there.port));
      t.is(await wire.ending(), 'reset');
    }
  });

  test(`${name}: where nobody listens, and where it would go round, the client hears so`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const nobody = await dial(t, server);
    nobody.send(get(CLOSED_PORT));
    t.regex((await nobody.rest()).toString(), /^HTTP\/1\.1 502 [^]*error=connection_refused/);
    const there = await web(t, [HELLO]);
    const first = await dial(t, server);
    first.send(get(there.port, 'Proxy-Connection: close'));
    await first.rest();
    const via = /Via: 1\.1 (\S+)/.exec(there.heard[0]!)?.[1] ?? '';
    const again = await dial(t, server);
    again.send(get(there.port, `Via: 1.0 other, 1.1 ${via}`));
    t.regex((await again.rest()).toString(), /^HTTP\/1\.1 403 [^]*error=proxy_loop_detected/);
    const trace = await dial(t, server);
    trace.send(lines(`TRACE http://127.0.0.1:${there.port}/ HTTP/1.1`, 'Host: a'));
    t.regex((await trace.rest()).toString(), /^HTTP\/1\.1 501 /);
    t.is(there.heard.length, 1);
  });

  test(`${name}: a client that resets takes its request along`, async (t) => {
    const server = await startServerFor(t, transport, { http: {} });
    const there = await web(t, [], 'never');
    const wire = await dial(t, server);
    wire.send(get(there.port));
    await server.event('connected');
    wire.socket.resetAndDestroy();
    t.is((await server.event('ended')).endedBy, 'client-reset');
  });

  test(`${name}: a request that is ended from here is no failure of its server`, async (t) => {
    const server = await startServerFor(t, transport, {
      http: {},
      relayLimits: { idleTimeoutMs: 100, halfClosedTimeoutMs: 0 },
    });
    const there = await web(t, [], 'never');
    const idle = await dial(t, server);
    idle.send(get(there.port));
    t.like(await server.event('ended'), { endedBy: 'idle-timeout', fault: undefined });
    server.server.replace({ ...SNAPSHOT, http: {} });
    const kicked = await dial(t, server);
    kicked.send(get(there.port));
    await server.event('connected');
    await server.event('connected');
    for (const session of server.server.registry.list()) server.server.registry.end(session, 'kicked');
    t.like(await server.event('ended'), { endedBy: 'kicked', fault: undefined });
  });

  test(`${name}: a large upload and a slow reader of a large download lose nothing`, async (t) => {
    const size = 1_000_000;
    const server = await startServerFor(t, transport, { http: {} });
    const body = 'x'.repeat(size);
    const there = await web(t, [`${lines('HTTP/1.1 200 OK', `Content-Length: ${size}`)}${body}`], 'xZ');
    const wire = await dial(t, server);
    wire.socket.pause();
    wire.send(
      `${lines(`POST http://127.0.0.1:${there.port}/ HTTP/1.1`, 'Host: a', `Content-Length: ${size + 1}`, 'Connection: close')}${body}Z`,
    );
    await server.event('connected');
    wire.socket.resume();
    const text = (await wire.rest()).toString('latin1');
    t.is(text.length - text.indexOf('\r\n\r\n') - 4, size);
    t.is(there.heard[0]!.length - there.heard[0]!.indexOf('\r\n\r\n') - 4, size + 1);
    const { bytesUp, bytesDown } = await server.event('ended');
    t.true(bytesUp > size && bytesDown > size);
  });

  test(`${name}: the PAC file needs no login, names the host that was called, and nothing else is served`, async (t) => {
    const pac = 'function FindProxyForURL(url, host) { return "PROXY {host}"; }\n';
    const server = await startServerFor(t, transport, {
      http: { pac },
      policy: policy({ hasUsers: true }),
      checkLogin: onlyUser('alice', 'secret'),
    });
    const ask = async (...all: string[]) => {
      const wire = await dial(t, server);
      wire.send(lines(...all));
      return (await wire.rest()).toString();
    };
    const told = await ask('GET /proxy.pac HTTP/1.1', 'Host: proxy.lan:8080');
    t.regex(told, /^HTTP\/1\.1 200 OK\r\n[^]*Content-Type: application\/x-ns-proxy-autoconfig\r\n/);
    t.true(told.endsWith('{ return "PROXY proxy.lan:8080"; }\n'), told);
    t.like(await server.event('ended'), { endedBy: 'answered', session: { command: 'pac' } });
    t.regex(await ask('GET /proxy.pac HTTP/1.0'), new RegExp(`PROXY 127\\.0\\.0\\.1:${server.port}"`));
    t.regex(
      await ask('GET /proxy.pac HTTP/1.1', 'Host: proxy.lan'),
      new RegExp(`PROXY proxy\\.lan:${server.port}"`),
    );
    t.regex(await ask('GET /proxy.pac HTTP/1.1', 'Host: "+alert(1)+"'), /PROXY 127\.0\.0\.1:/);
    t.true((await ask('HEAD /proxy.pac HTTP/1.1', 'Host: a:1')).endsWith('\r\n\r\n'));
    for (const line of ['GET / HTTP/1.1', 'POST /proxy.pac HTTP/1.1', 'GET /proxy.pac?x HTTP/1.1'])
      t.regex(await ask(line, 'Host: a'), /^HTTP\/1\.1 400 /, line);
  });
}
