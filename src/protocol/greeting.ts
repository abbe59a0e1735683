// The first exchange: the client lists methods, the server takes one (RFC 1928 section 3). Towards clients this program is
// the server, towards proxies on the way the client.
import { newBytes } from '../base/bytes.ts';
import { SOCKS5_VERSION, type Method } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface Greeting {
  /** METHODS as sent: 0 to 255 bytes, duplicates and unknown numbers included. */
  readonly methods: readonly number[];
}

/** Decodes `VER NMETHODS METHODS` (RFC 1928 section 3). */
export function decodeGreeting(bytes: Uint8Array): Decoded<Greeting> {
  const version = bytes[0];
  const methodCount = bytes[1];
  if (version !== undefined && version !== SOCKS5_VERSION) return bad('VERSION_UNSUPPORTED');
  if (methodCount === undefined) return more(2);
  const size = 2 + methodCount;
  if (bytes.length < size) return more(size);
  const methods = new Array<number>(methodCount);
  for (let at = 0; at < methodCount; at++) methods[at] = bytes[2 + at] ?? 0;
  return done({ methods }, size);
}

/** Encodes `VER NMETHODS METHODS`; 255 methods at most. */
export function encodeGreeting(methods: readonly Method[]): Uint8Array {
  const bytes = newBytes(2 + methods.length);
  bytes.set([SOCKS5_VERSION, methods.length, ...methods]);
  return bytes;
}

/** Decodes `VER METHOD`: the method as sent, offered or not. */
export function decodeMethod(bytes: Uint8Array): Decoded<number> {
  const [version, method] = bytes;
  if (version !== undefined && version !== SOCKS5_VERSION) return bad('VERSION_UNSUPPORTED');
  return method === undefined ? more(2) : done(method, 2);
}

/** Encodes `VER METHOD`. */
export function encodeMethod(method: Method): Uint8Array {
  const bytes = newBytes(2);
  bytes[0] = SOCKS5_VERSION;
  bytes[1] = method;
  return bytes;
}
