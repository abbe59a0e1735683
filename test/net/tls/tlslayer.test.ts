// TLS in front of a listener, over each transport: who comes in, as whom, and how the ends of a stream come through.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { TlsLayer } from '../../../src/net/tls/tlslayer.ts';
import { readPair, type CertificatePair, type TlsSettings } from '../../../src/net/tls/tlssettings.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { createAuthority, type Identity } from '../../support/certificates.ts';
import { loopback, startServer } from '../../support/server.ts';
import { echoServer } from '../../support/targets.ts';
import { transports } from '../../support/transports.ts';

const authority = createAuthority();
const ca = readFileSync(authority.file);
const SERVER = authority.issue('DNS:proxy.test,IP:127.0.0.1');
const OTHER = authority.issue('DNS:other.test');
const clients = createAuthority();
const ALICE = clients.issue('email:alice@example.net,URI:spiffe://example/alice', 2, 'alice');
const EXPIRED = clients.issue('email:alice@example.net', -1, 'alice');
const FORGED = createAuthority().issue('email:alice@example.net', 2, 'alice');

function pairOf({ certFile, keyFile }: Identity): CertificatePair {
  const pair = readPair(readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8'));
  if (typeof pair === 'string') throw new Error(pair);
  return pair;
}

const SETTINGS: TlsSettings = {
  pairs: [pairOf(SERVER), pairOf(OTHER)],
  minVersion: 'TLSv1.2',
  clientCa: undefined,
  client: 'no',
  user: 'none',
};
const REQUIRED: TlsSettings = {
  ...SETTINGS,
  clientCa: readFileSync(clients.file, 'utf8'),
  client: 'require',
  user: 'cn',
};

const shown = ({ certFile, keyFile }: Identity) => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});

async function listening(t: ExecutionContext, transport: Transport, settings: TlsSettings) {
  const layer = new TlsLayer();
  layer.follow(settings);
  const server = await startServer(transport);
  t.teardown(() => server.stop());
  const { port } = await server.server.listen({ endpoint: loopback(0), layers: [layer] });
  return { ...server, layer, port, echo: await echoServer(t) };
}

async function secured(
  t: ExecutionContext,
  port: number,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const asked = { port, host: '127.0.0.1', ca, servername: 'proxy.test', allowHalfOpen: true, ...options };
  const socket = connect(asked);
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Greeting, request and data in one record. */
const ask = (echo: number, data = 'ping') =>
  Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255]), Buffer.from(data)]);

async function take(socket: Duplex, size: number): Promise<Buffer> {
  let heard = Buffer.alloc(0);
  while (heard.length < size) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    heard = Buffer.concat([heard, bytes]);
  }
  return heard;
}

/** `in`: served; else how it ended. */
async function fate(
  t: ExecutionContext,
  port: number,
  echo: number,
  options: ConnectionOptions,
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'proxy.test', ...options });
  t.teardown(() => socket.destroy());
  const served = once(socket, 'secureConnect').then(() => {
    socket.write(ask(echo));
    return take(socket, 16).then(() => 'in');
  });
  served.catch(() => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.on('error', () => resolve('out'));
    socket.on('close', () => resolve('out'));
  });
  return Promise.race([served.catch(() => ended), ended]);
}

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(
    title('a client speaks SOCKS5 in TLS, ahead of the answers, and each side ends by close_notify'),
    async (t) => {
      const { port, echo, ...server } = await listening(t, transport, SETTINGS);
      const socket = await secured(t, port);
      socket.end(ask(echo));
      t.is((await take(socket, 16)).subarray(12).toString(), 'ping');
      await once(socket, 'end');
      t.like(await server.event('ended'), { bytesUp: 4, bytesDown: 4, endedBy: 'client-fin' });
    },
  );

  test(title('FIN without close_notify is a reset'), async (t) => {
    const { port, echo, ...server } = await listening(t, transport, SETTINGS);
    const raw = connectPlain(port, '127.0.0.1');
    raw.on('error', () => undefined);
    const below = Duplex.from({ readable: raw, writable: raw });
    below.on('error', () => undefined);
    const socket = await secured(t, port, { socket: below });
    socket.on('error', () => undefined);
    socket.write(ask(echo));
    await take(socket, 16);
    raw.end();
    t.like(await server.event('ended'), { endedBy: 'client-reset' });
  });

  test(title('much passes in both directions, and a reset of the client is one'), async (t) => {
    const { port, echo, ...server } = await listening(t, transport, SETTINGS);
    const socket = await secured(t, port);
    const much = 4 * 1024 * 1024;
    socket.write(ask(echo, ''));
    await take(socket, 12);
    socket.write(Buffer.alloc(much, 7));
    const back = await take(socket, much);
    t.true(back.every((byte) => byte === 7));
    socket.destroy();
    t.like(await server.event('ended'), { bytesUp: much, bytesDown: much });
  });

  test(title('a client gets the certificate for the name that it asks for'), async (t) => {
    const { port } = await listening(t, transport, SETTINGS);
    for (const servername of ['proxy.test', 'other.test']) {
      const socket = await secured(t, port, { servername });
      t.is(socket.getPeerCertificate().subjectaltname?.includes(servername), true);
    }
  });

  test(
    title('a trusted certificate names the user; an absent, expired or forged one does not come in'),
    async (t) => {
      const { port, echo, ...server } = await listening(t, transport, REQUIRED);
      t.is(await fate(t, port, echo, shown(ALICE)), 'in');
      const { session } = await server.event('connected');
      t.like(session.identity, { kind: 'user', name: 'alice' });
      for (const identity of [FORGED, EXPIRED]) t.is(await fate(t, port, echo, shown(identity)), 'out');
      for (const identity of [FORGED, EXPIRED])
        t.is(await fate(t, port, echo, { ...shown(identity), maxVersion: 'TLSv1.2' }), 'out');
      t.is(await fate(t, port, echo, {}), 'out');
      const { fault } = await server.event('turnedAway');
      t.is(fault.code, 'TLS_FAILED');
    },
  );

  test(
    title('where certificates are asked for, one without is served, and a forged one is not'),
    async (t) => {
      const { port, echo, ...server } = await listening(t, transport, {
        ...REQUIRED,
        client: 'ask',
        user: 'san-uri',
      });
      t.is(await fate(t, port, echo, {}), 'in');
      t.like((await server.event('connected')).session.identity, { kind: 'anonymous' });
      t.is(await fate(t, port, echo, shown(FORGED)), 'out');
      t.is(await fate(t, port, echo, shown(ALICE)), 'in');
      t.like((await server.event('connected')).session.identity, {
        kind: 'user',
        name: 'spiffe://example/alice',
      });
    },
  );

  test(
    title('a client in clear is closed at once, and the fault names the listener and what came'),
    async (t) => {
      const { port, ...server } = await listening(t, transport, SETTINGS);
      const socket: Socket = connectPlain(port, '127.0.0.1', () => socket.write(Buffer.from([5, 1, 0])));
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('close', resolve));
      const { fault } = await server.event('turnedAway');
      t.is(fault.code, 'WRONG_DOOR');
      t.is(fault.cause, `the listener at port ${port} takes TLS, and what came is SOCKS5 in clear`);
    },
  );

  test(title('a ticket stays good over a reload, until who may come changes'), async (t) => {
    const { port, layer } = await listening(t, transport, { ...SETTINGS, minVersion: 'TLSv1.2' });
    const resumed = async (session: Buffer | undefined): Promise<{ socket: TLSSocket; reused: boolean }> => {
      const socket = await secured(t, port, { maxVersion: 'TLSv1.2', ...(session ? { session } : {}) });
      return { socket, reused: socket.isSessionReused() };
    };
    const { socket } = await resumed(undefined);
    const session = socket.getSession();
    layer.follow({ ...SETTINGS, pairs: [pairOf(SERVER)] });
    t.true((await resumed(session)).reused);
    layer.follow({ ...SETTINGS, clientCa: readFileSync(clients.file, 'utf8'), client: 'ask' });
    t.false((await resumed(session)).reused);
  });

  test(title('a client that renegotiates gets no second handshake'), async (t) => {
    const { port } = await listening(t, transport, SETTINGS);
    const socket = await secured(t, port, { maxVersion: 'TLSv1.2' });
    socket.on('error', () => undefined);
    const refused = new Promise((resolve) => {
      for (const event of ['close', 'error']) socket.once(event, () => resolve('refused'));
    });
    socket.renegotiate({}, () => undefined);
    t.is(await refused, 'refused');
  });
}
