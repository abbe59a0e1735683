// Proxies over TLS, with their certificates, and legs that are covered towards them.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext, type TLSSocketOptions } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import type { Talk } from '../../../src/net/proxies/talk.ts';
import { coverLeg } from '../../../src/net/proxies/tls.ts';
import type { Leg, Transport } from '../../../src/net/transport.ts';
import { createAuthority, identityOptions } from '../certificates.ts';
import { at, soon } from '../legs.ts';
import { hop } from '../upstreams.ts';

export const authority = createAuthority();

export const RIGHT = identityOptions(authority.issue('IP:127.0.0.1,DNS:proxy.test'));

export const TRUST = createSecureContext({ ca: readFileSync(authority.file) });

/** The proxy's side of a connection, before TLS and as TLS. */
interface Side {
  readonly raw: Socket;
  readonly secure: TLSSocket;
}

interface Proxy {
  readonly port: number;
  readonly accept: () => Promise<Side>;
}

/** The peer has ended the connection, in any way. */
export function left(socket: Socket): Promise<unknown> {
  socket.resume();
  return new Promise((resolve) => {
    for (const event of ['end', 'error', 'close']) socket.once(event, resolve);
  });
}

export async function listenFor(t: ExecutionContext, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

export async function tlsProxy(t: ExecutionContext, options: TLSSocketOptions = RIGHT): Promise<Proxy> {
  const sides: Side[] = [];
  let wake = (): void => undefined;
  const port = await listenFor(t, (raw) => {
    // Not over the socket itself, which would be out of reach then.
    const stream = Duplex.from({ readable: raw, writable: raw });
    stream.on('error', () => undefined);
    const secure = new TLSSocket(stream, { isServer: true, ...options });
    secure.on('error', () => undefined);
    sides.push({ raw, secure });
    wake();
  });
  return {
    port,
    accept: async () => {
      while (sides.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return sides.shift()!;
    },
  };
}

interface Asked {
  readonly host?: string;
  readonly trust?: SecureContext | undefined;
  readonly deadline?: Deadline;
}

export async function cover(transport: Transport, port: number, asked: Asked = {}): Promise<Leg> {
  const { host = '127.0.0.1', deadline = soon(), trust = TRUST } = asked;
  const leg = await transport.dial(at(port), {}, soon());
  const talk: Talk = {
    leg,
    hop: { ...hop('socks5', port, host), cover: 'tls' },
    speech: 'socks5',
    command: 'connect',
    destination: { kind: 'ip', ...at(80) },
    isLast: true,
    credentials: undefined,
    deadline,
    stage: 'tls',
  };
  return coverLeg(talk, trust);
}
