// ATYP, address and port as they stand in requests, replies and datagrams (RFC 1928 sections 4 to 7).
// A name that spells an address is that address (V5-18): rules must see it as one.
import { byteString, newBytes } from '../base/bytes.ts';
import {
  ANY_IPV4,
  familyOf,
  formatEndpoint,
  ipAt,
  parseIp,
  putIp,
  unmapIp,
  type Endpoint,
  type Ip,
} from '../base/ip.ts';
import { ATYP } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

/** The destination of a request. A name is lower case ASCII without a trailing dot; `isAbsolute`: it had one. */
export type Destination =
  | { readonly kind: 'ip'; readonly ip: Ip; readonly port: number }
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly port: number;
      readonly isAbsolute?: true;
    };

/** Longest host name in text form without the trailing dot (RFC 1035 section 2.3.4). */
const MAX_NAME_LENGTH = 253;

/** Decodes `ATYP ADDR PORT` that starts at `offset`; `size` counts from the start of `bytes`. */
export function decodeAddress(bytes: Uint8Array, offset: number): Decoded<Destination> {
  const atyp = bytes[offset];
  switch (atyp) {
    case undefined:
      return more(offset + 1);
    case ATYP.IPV4:
      return decodeIp(bytes, offset + 1, 4);
    case ATYP.IPV6:
      return decodeIp(bytes, offset + 1, 16);
    case ATYP.NAME:
      return decodeName(bytes, offset + 1);
    default:
      return bad('ADDRESS_TYPE_UNSUPPORTED');
  }
}

/**
 * decodeAddress() for the address that a client announces in UDP ASSOCIATE, where a name that no host can have is read as
 * 0.0.0.0: PySocks sends `0`, and the name is never looked up.
 */
export function decodeAnnounced(bytes: Uint8Array, offset: number): Decoded<Destination> {
  const decoded = decodeAddress(bytes, offset);
  if (decoded.kind !== 'bad' || decoded.code !== 'NAME_INVALID') return decoded;
  const end = offset + 2 + (bytes[offset + 1] ?? 0);
  return done({ kind: 'ip', ip: ANY_IPV4, port: portAt(bytes, end) }, end + 2);
}

/** Encodes `ATYP ADDR PORT` of an address. */
export function encodeAddress(endpoint: Endpoint): Uint8Array {
  return encodeAddressAfter(0, endpoint);
}

/** encodeAddress() after `before` bytes, which the caller fills in. */
export function encodeAddressAfter(before: number, { ip, port }: Endpoint): Uint8Array {
  const family = familyOf(ip);
  const bytes = newBytes(before + 1 + (family === 4 ? 4 : 16) + 2);
  bytes[before] = family === 4 ? ATYP.IPV4 : ATYP.IPV6;
  putIp(ip, bytes, before + 1);
  bytes[bytes.length - 2] = port >> 8;
  bytes[bytes.length - 1] = port & 0xff;
  return bytes;
}

/** Encodes `ATYP ADDR PORT` of a host name, which isHostName() has found good. */
export function encodeName(name: string, port: number): Uint8Array {
  const bytes = newBytes(2 + name.length + 2);
  bytes[0] = ATYP.NAME;
  bytes[1] = name.length;
  for (let at = 0; at < name.length; at++) bytes[2 + at] = name.charCodeAt(at);
  bytes[bytes.length - 2] = port >> 8;
  bytes[bytes.length - 1] = port & 0xff;
  return bytes;
}

/** Encodes `ATYP ADDR PORT` of either. */
export function encodeDestination(destination: Destination): Uint8Array {
  return destination.kind === 'name'
    ? encodeName(destination.name, destination.port)
    : encodeAddress(destination);
}

/**
 * The destination of a name, which may spell an address (V5-18, V4-11), also an IPv6 address in brackets, as in URLs. undefined
 * when no host can have that name, or when the address has a zone: clients do not know the interfaces of this host.
 */
export function destinationOf(text: string, port: number): Destination | undefined {
  const ip = parseIp(withoutBrackets(text));
  if (ip !== undefined) return { kind: 'ip', ip: unmapIp(ip), port };
  const name = text.toLowerCase().replace(/\.$/, '');
  if (!isHostName(name)) return undefined;
  return text.endsWith('.') ? { kind: 'name', name, port, isAbsolute: true } : { kind: 'name', name, port };
}

function withoutBrackets(text: string): string {
  return text.startsWith('[') && text.endsWith(']') && text.includes(':') ? text.slice(1, -1) : text;
}

/** `example.org:443`, `192.0.2.1:443` or `[2001:db8::1]:443`. */
export function formatDestination(destination: Destination): string {
  return destination.kind === 'name'
    ? `${destination.name}:${destination.port}`
    : formatEndpoint(destination);
}

function decodeIp(bytes: Uint8Array, start: number, length: 4 | 16): Decoded<Destination> {
  const size = start + length + 2;
  if (bytes.length < size) return more(size);
  const ip = unmapIp(ipAt(bytes, start, length));
  return done({ kind: 'ip', ip, port: portAt(bytes, start + length) }, size);
}

function decodeName(bytes: Uint8Array, start: number): Decoded<Destination> {
  const length = bytes[start];
  if (length === undefined) return more(start + 3);
  const end = start + 1 + length;
  const size = end + 2;
  if (bytes.length < size) return more(size);
  const port = portAt(bytes, end);
  const destination = destinationOf(byteString(bytes.subarray(start + 1, end)), port);
  return destination === undefined ? bad('NAME_INVALID') : done(destination, size);
}

/**
 * Letters, digits, `-` and `_` in labels of 1 to 63; the last label is not a number, so that no odd
 * spelling of an address (127.1, 0x7f.1, 2130706433) reaches a resolver that would take it for one.
 */
export function isHostName(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH) return false;
  const labels = name.split('.');
  if (!labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) return false;
  return !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');
}

function portAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
