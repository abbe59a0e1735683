// Requests for URLs that end early, fail or are large, and the PAC file.
import test from 'ava';
import { policy } from '../support/policy.ts';
import { onlyUser, SNAPSHOT, startServerFor } from '../support/server.ts';
import { CLOSED_PORT } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';
import { web, dial, lines, get, HELLO } from '../support/session/websites.ts';

for (const { name, create } of transports) {
  const transport = create();

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
