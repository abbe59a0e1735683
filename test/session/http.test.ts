// Clients of HTTP over each transport: tunnels, logins and their consequences, and doors that are shut.
import test, { type ExecutionContext } from 'ava';
import type { Snapshot } from '../../src/session/session.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { onlyUser, SNAPSHOT, startServerFor, type TestServer } from '../support/server.ts';
import { CLOSED_PORT, dialWire, type Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { apart, transports } from '../support/transports.ts';

const OPEN: Partial<Snapshot> = { http: {} };
const USERS: Partial<Snapshot> = {
  http: {},
  policy: policy({ hasUsers: true }),
  checkLogin: onlyUser('alice', 'secret'),
};
const basic = (text: string) => `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}`;

function head(port: number, ...fields: string[]): string {
  return [`CONNECT 127.0.0.1:${port} HTTP/1.1`, 'Host: h', ...fields, '', ''].join('\r\n');
}

async function dial(t: ExecutionContext, { port }: Pick<TestServer, 'port'>): Promise<Wire> {
  const wire = await dialWire(port);
  t.teardown(() => wire.socket.destroy());
  return wire;
}

/** Up to the blank line, and the body that Content-Length tells. */
async function answer(wire: Wire): Promise<string> {
  let text = '';
  while (!text.endsWith('\r\n\r\n')) text += (await wire.take(1)).toString('latin1');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return text + (await wire.take(length)).toString();
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: a tunnel takes what was sent ahead, and reports as any session does`, async (t) => {
    const server = await startServerFor(t, transport, OPEN);
    const echo = await echoServer(t);
    const wire = await dial(t, server);
    wire.send(`${head(echo)}ahead`);
    t.is((await wire.take(ESTABLISHED.length + 5)).toString(), `${ESTABLISHED}ahead`);
    const { session } = await server.event('connected');
    t.like(session, { command: 'connect', version: 'http', destination: { port: echo } });
    wire.socket.end();
    t.like(await server.event('ended'), { endedBy: 'client-fin', bytesUp: 5, bytesDown: 5 });
  });

  test(`${name}: 407 keeps the connection, counts for no ban, and takes the login on it`, async (t) => {
    const bans = { ...SNAPSHOT.logins.bans, failures: 1 };
    const server = await startServerFor(t, transport, {
      ...USERS,
      logins: { ...SNAPSHOT.logins, bans },
    });
    const echo = await echoServer(t);
    const gone = await dial(t, server);
    gone.send(head(echo));
    t.regex(
      await answer(gone),
      /^HTTP\/1\.1 407 [^]*Proxy-Authenticate: Basic realm="picosocks5", charset="UTF-8"/,
    );
    gone.socket.end();
    t.is((await gone.rest()).toString(), '');
    t.like(await server.event('refused'), { fault: { code: 'METHOD_UNACCEPTABLE' } });
    const wire = await dial(t, server);
    wire.send(head(echo));
    t.regex(await answer(wire), /^HTTP\/1\.1 407 /);
    wire.send(`${head(echo, basic('alice:secret'))}x`);
    t.is(await answer(wire), ESTABLISHED);
    t.is((await wire.take(1)).toString(), 'x');
    t.like((await server.event('connected')).session.identity, { kind: 'user', name: 'alice' });
    t.false(server.events.some(({ kind }) => kind === 'loginFailed'));
  });

  test(`${name}: failed logins by HTTP and by SOCKS lead to the same ban`, async (t) => {
    const bans = { ...SNAPSHOT.logins.bans, failures: 2 };
    const server = await startServerFor(t, transport, {
      ...USERS,
      logins: { ...SNAPSHOT.logins, bans },
    });
    const byHttp = await dial(t, server);
    byHttp.send(head(CLOSED_PORT, basic('alice:wrong')));
    t.regex(
      await answer(byHttp),
      /^HTTP\/1\.1 407 [^]*Connection: close\r\n[^]*unknown user or wrong password\n$/,
    );
    t.is((await byHttp.rest()).toString(), '');
    await t.throwsAsync(enter(await dial(t, server), { user: 'alice', password: 'wrong' }));
    t.like(await server.event('banned'), { failures: 2, ban: { kind: 'client' } });
    // It may hear of it while it connects.
    await dialWire(server.port).then(
      ({ socket }) => socket.destroy(),
      () => undefined,
    );
    t.like(await server.event('turnedAway'), { fault: { code: 'CLIENT_BANNED' } });
  });

  test(`${name}: a head that takes too long is answered by 408`, async (t) => {
    const server = await startServerFor(t, transport, { ...OPEN, handshakeTimeoutMs: 200 });
    const wire = await dial(t, server);
    wire.send('CONNECT 127');
    t.regex((await wire.rest()).toString(), /^HTTP\/1\.1 408 /);
    t.like(await server.event('refused'), { fault: { code: 'HANDSHAKE_TIMEOUT' }, session: { status: 408 } });
  });

  test(`${name}: who comes to the wrong door is told to the log, with the door`, async (t) => {
    const server = await startServerFor(t, transport);
    const door = `listener 127.0.0.1:${server.port}`;
    const tls = await dial(t, server);
    tls.send(Uint8Array.of(0x16, 3, 1, 2, 0));
    t.is((await tls.rest()).length, 0);
    const { fault } = await server.event('refused');
    t.is(fault.code, 'TLS_UNEXPECTED');
    t.is(fault.cause, `first byte 0x16: TLS; the client shall speak SOCKS in clear (${door})`);
    const http = await dial(t, server);
    http.send('GET / HTTP/1.1\r\n\r\n');
    t.regex(
      (await http.rest()).toString(),
      /^HTTP\/1\.1 400 [^]*this is a SOCKS proxy, and no HTTP proxy\n$/,
    );
    const off = await server.event('refused');
    t.is(off.fault.code, 'VERSION_UNSUPPORTED');
    t.regex(String(off.fault.cause), /an HTTP client; .*; http = no \(listener 127/);
    t.true(String(off.fault.cause).includes(door));
  });

  test(`${name}: a route through another one of ours by HTTP says what one by SOCKS5 says`, async (t) => {
    const rules = section('', { request: '!connect:192.0.2.0/24 all:*' });
    const far = await startServerFor(t, apart(transport), { ...OPEN, policy: policy({ rules }) });
    const locked = await startServerFor(t, apart(transport), USERS);
    const named = Buffer.from('nobody.onion');
    const requests: readonly (readonly number[])[] = [
      [1, 127, 0, 0, 1, 0, CLOSED_PORT],
      [1, 192, 0, 2, 1, 0, 80],
      [3, named.length, ...named, 0, 80],
    ];
    const heard = async (proxy: number, type: '5' | 'H', to: readonly number[]) => {
      const front = await startServerFor(t, apart(transport), {
        routing: routing([`* any 127.0.0.1 ${proxy}/${type}`]),
      });
      const wire = await dial(t, front);
      await enter(wire);
      wire.send(Uint8Array.of(5, 1, 0, ...to));
      const rep = (await wire.take(10))[1];
      return [rep, (await front.event('refused')).fault.code];
    };
    const told = await Promise.all(
      (['5', 'H'] as const).map(async (type) => [
        ...(await Promise.all(requests.map((to) => heard(far.port, type, to)))),
        await heard(locked.port, type, requests[0]!),
      ]),
    );
    t.deepEqual(told[1], told[0]);
    t.deepEqual(told[1], [
      [5, 'CONNECTION_REFUSED'],
      [2, 'PROXY_DENIED'],
      [4, 'HOST_UNREACHABLE'],
      [1, 'PROXY_LOGIN_FAILED'],
    ]);
  });
}
