// TLS in front of a listener, over each transport: who comes in, and as whom.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createAuthority, type Identity } from '../../support/certificates.ts';
import {
  ask,
  ca,
  clients,
  listening,
  pairOf,
  REQUIRED,
  secured,
  SERVER,
  SETTINGS,
  take,
} from '../../support/tlsserver.ts';
import { transports } from '../../support/transports.ts';

const ALICE = clients.issue('email:alice@example.net,URI:spiffe://example/alice', 2, 'alice');
const EXPIRED = clients.issue('email:alice@example.net', -1, 'alice');
const FORGED = createAuthority().issue('email:alice@example.net', 2, 'alice');

const shown = ({ certFile, keyFile }: Identity) => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});

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
