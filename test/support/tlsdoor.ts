// A daemon with TLS in front, and clients of TLS that Node makes.
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { createAuthority, identityOptions, type Authority, type Identity } from './certificates.ts';
import { startDaemon, temporaryFolder, type Daemon, type DaemonOptions } from './daemon.ts';

/** The name in the certificate of the daemon. */
export const NAME = 'proxy.test';

/** Files of a daemon with a certificate of its own. */
export interface TlsPlace {
  readonly folder: string;
  readonly authority: Authority;
  /** In the folder, to be replaced by tests. */
  readonly cert: string;
  readonly key: string;
  readonly config: string;
  /** Writes the configuration beside certificate and key. */
  readonly write: (text: string) => void;
  /** Puts another certificate in its place. */
  readonly renew: (identity: Identity) => void;
}

const authority = createAuthority();

export function tlsPlace(t: ExecutionContext): TlsPlace {
  const folder = temporaryFolder(t);
  const [cert, key, config] = ['cert.pem', 'key.pem', 'conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const renew = ({ certFile, keyFile }: Identity): void => {
    copyFileSync(certFile, cert);
    copyFileSync(keyFile, key);
  };
  renew(authority.issue(`DNS:${NAME},IP:127.0.0.1`));
  const write = (text: string) => writeFileSync(config, `tls-cert = ${cert}\ntls-key = ${key}\n${text}`);
  write('');
  return { folder, authority, cert, key, config, write, renew };
}

export interface TlsDaemon extends TlsPlace {
  readonly daemon: Daemon;
  readonly port: number;
}

/** A daemon that listens for TLS, and does what `text` says. */
export async function tlsDaemon(
  t: ExecutionContext,
  text = '',
  options: DaemonOptions & { readonly place?: TlsPlace } = {},
): Promise<TlsDaemon> {
  const place = options.place ?? tlsPlace(t);
  place.write(text);
  const listen = options.listen ?? ['tls:127.0.0.1:0'];
  const daemon = await startDaemon(t, ['-c', place.config], { ...options, listen });
  return { ...place, daemon, port: daemon.port };
}

/** Resolves once the handshake is done; rejects where the daemon ends it. TLS 1.3 may tell of that only afterwards. */
export async function dialTls(
  t: ExecutionContext,
  port: number,
  { shown, ...options }: ConnectionOptions & { readonly shown?: Identity } = {},
): Promise<TLSSocket> {
  const own = shown === undefined ? {} : identityOptions(shown);
  const ca = readFileSync(authority.file);
  const socket = connect({ port, host: '127.0.0.1', servername: NAME, ca, ...own, ...options });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends `bytes`; gives the first `size` bytes of what comes. Rejects where the stream ends first. */
export async function askTls(socket: TLSSocket, bytes: Uint8Array, size: number): Promise<Buffer> {
  socket.write(bytes);
  let heard = Buffer.alloc(0);
  while (heard.length < size) {
    const [piece] = (await Promise.race([once(socket, 'data'), endOf(socket)])) as [Buffer];
    heard = Buffer.concat([heard, piece]);
  }
  return heard;
}

async function endOf(socket: TLSSocket): Promise<never> {
  if (!socket.closed) await once(socket, 'close');
  throw new Error('closed');
}

/** What a session to the echo server at `echo` gives back; `out` where the client does not get in. */
export async function echoOverTls(
  t: ExecutionContext,
  port: number,
  echo: number,
  options: ConnectionOptions & { readonly shown?: Identity } = {},
): Promise<string> {
  try {
    const socket = await dialTls(t, port, options);
    const ask = Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 255, 0x68, 0x69]);
    const heard = await askTls(socket, ask, 14);
    socket.end();
    return heard.subarray(12).toString();
  } catch {
    return 'out';
  }
}
