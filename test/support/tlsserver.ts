// A server with TLS in front, without a daemon, and its clients.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { TlsLayer } from '../../src/net/tls/tlslayer.ts';
import { readPair, type CertificatePair, type TlsSettings } from '../../src/net/tls/tlssettings.ts';
import type { Transport } from '../../src/net/transport.ts';
import { createAuthority, type Identity } from './certificates.ts';
import { loopback, startServer } from './server.ts';
import { echoServer } from './targets.ts';

const authority = createAuthority();
export const ca = readFileSync(authority.file);
export const SERVER = authority.issue('DNS:proxy.test,IP:127.0.0.1');
const OTHER = authority.issue('DNS:other.test');
export const clients = createAuthority();

export function pairOf({ certFile, keyFile }: Identity): CertificatePair {
  const pair = readPair(readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8'));
  if (typeof pair === 'string') throw new Error(pair);
  return pair;
}

export const SETTINGS: TlsSettings = {
  pairs: [pairOf(SERVER), pairOf(OTHER)],
  minVersion: 'TLSv1.2',
  clientCa: undefined,
  client: 'no',
  user: 'none',
};
export const REQUIRED: TlsSettings = {
  ...SETTINGS,
  clientCa: readFileSync(clients.file, 'utf8'),
  client: 'require',
  user: 'cn',
};

export async function listening(t: ExecutionContext, transport: Transport, settings: TlsSettings) {
  const layer = new TlsLayer();
  layer.follow(settings);
  const server = await startServer(transport);
  t.teardown(() => server.stop());
  const { port } = await server.server.listen({ endpoint: loopback(0), layers: [layer] });
  return { ...server, layer, port, echo: await echoServer(t) };
}

export async function secured(
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
export const ask = (echo: number, data = 'ping') =>
  Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255]), Buffer.from(data)]);

/** The next bytes, `size` at least; later ones are lost. Several pieces may come in one turn. */
export function take(socket: Duplex, size: number): Promise<Buffer> {
  const heard: Buffer[] = [];
  let got = 0;
  return new Promise((resolve) => {
    const hear = (bytes: Buffer): void => {
      heard.push(bytes);
      got += bytes.length;
      if (got < size) return;
      socket.off('data', hear);
      resolve(Buffer.concat(heard));
    };
    socket.on('data', hear);
  });
}
