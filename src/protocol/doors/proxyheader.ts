// The header of the PROXY protocol, by which a balancer tells who its client is: version 1 is a line, version 2 is binary. Everything
// that the protocol does not allow is refused, since what the header says counts for rules and bans.
import { byteString, newBytes } from '../../base/bytes.ts';
import { familyOf, ipAt, ipToBytes, parseIp, type Endpoint, type Ip } from '../../base/ip.ts';
import { withoutZone } from '../../base/zoned.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';
import { NOTHING_TOLD, readExtras, type HeaderExtras } from './proxyextras.ts';

export type ProxyVersion = 'v1' | 'v2';

export type ProxyHeader =
  | {
      readonly kind: 'announced';
      /** The client of the balancer. */
      readonly source: Endpoint;
      /** The place that it has connected to. */
      readonly destination: Endpoint;
      readonly extras: HeaderExtras;
    }
  /** The connection is the sender's own (LOCAL), or it does not tell whose it is (UNKNOWN, UNSPEC, a Unix socket). */
  | { readonly kind: 'hidden' };

const HIDDEN: ProxyHeader = { kind: 'hidden' };
const BAD = bad('PROXY_HEADER_BAD');

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const LINE_BEGINNING = 'PROXY ';

/** Decodes a header of either version. */
export function decodeProxyHeader(bytes: Uint8Array): Decoded<ProxyHeader> {
  if (bytes.length === 0) return more(1);
  const text = byteString(bytes.subarray(0, MAX_LINE_BYTES));
  if (begins(SIGNATURE, text)) return bytes.length < FIXED_BYTES ? more(FIXED_BYTES) : decodeBinary(bytes);
  return begins(LINE_BEGINNING, text) ? decodeLine(text) : BAD;
}

/** Whether first bytes of a client could be a header; fewer than a signature needs are none. */
export function isProxyHeader(bytes: Uint8Array): boolean {
  const text = byteString(bytes.subarray(0, SIGNATURE.length));
  return text.startsWith(LINE_BEGINNING) || (text.length > 1 && begins(SIGNATURE, text));
}

/**
 * Encodes a header without extras. Where one end has IPv4 and the other IPv6, the header has IPv6 with the former mapped. Zones
 * have no place in it.
 */
export function encodeProxyHeader(
  version: ProxyVersion,
  source: Endpoint,
  destination: Endpoint,
): Uint8Array {
  const family = familyOf(source.ip) === 4 && familyOf(destination.ip) === 4 ? 4 : 6;
  const ends = [source, destination].map(({ ip, port }) => ({ bytes: wireBytes(ip, family), port }));
  return version === 'v1' ? encodeLine(family, ends) : encodeBinary(family, ends);
}

/** Encodes a header that does not say who the client is: UNKNOWN, or UNSPEC. */
export function encodeHiddenHeader(version: ProxyVersion): Uint8Array {
  return Buffer.from(version === 'v1' ? 'PROXY UNKNOWN\r\n' : `${SIGNATURE}\x21\0\0\0`, 'latin1');
}

/** Whether `text` and `beginning` are the same as far as both go. */
function begins(beginning: string, text: string): boolean {
  return text.startsWith(beginning.slice(0, text.length));
}

/* Version 1. */

/** With CR and LF. */
const MAX_LINE_BYTES = 107;
const LINE = /^PROXY (TCP4|TCP6) ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;
const LINE_UNKNOWN = /^PROXY UNKNOWN(?: [ -~]*)?$/;
/** A line so far; its CR may be the last that has come. */
const LINE_PART = /^[ -~]*\r?$/;
const FAMILIES: Readonly<Record<string, 4 | 6>> = { TCP4: 4, TCP6: 6 };

function decodeLine(text: string): Decoded<ProxyHeader> {
  const end = text.indexOf('\r\n');
  if (end < 0) return text.length < MAX_LINE_BYTES && LINE_PART.test(text) ? more(text.length + 1) : BAD;
  const line = text.slice(0, end);
  const header = LINE_UNKNOWN.test(line) ? HIDDEN : parseLine(line);
  return header === undefined ? BAD : done(header, end + 2);
}

function parseLine(line: string): ProxyHeader | undefined {
  const [, family = '', from = '', to = '', fromPort, toPort] = LINE.exec(line) ?? [];
  const source = endpointOf(from, fromPort, FAMILIES[family]);
  const destination = endpointOf(to, toPort, FAMILIES[family]);
  if (source === undefined || destination === undefined) return undefined;
  return { kind: 'announced', source, destination, extras: NOTHING_TOLD };
}

function endpointOf(
  address: string,
  digits: string | undefined,
  family: 4 | 6 | undefined,
): Endpoint | undefined {
  const ip = parseIp(address);
  const port = Number(digits);
  return ip !== undefined && familyOf(ip) === family && port <= 0xffff ? { ip, port } : undefined;
}

function encodeLine(family: 4 | 6, ends: readonly WireEnd[]): Uint8Array {
  const ips = ends.map(({ bytes }) => ipAt(bytes, 0, family === 4 ? 4 : 16));
  const ports = ends.map(({ port }) => port);
  return Buffer.from(`PROXY TCP${family} ${[...ips, ...ports].join(' ')}\r\n`, 'latin1');
}

/* Version 2. */

/** Signature, version and command, family and protocol, length of the rest. */
const FIXED_BYTES = 16;
/** The size of the part after the fixed one; balancers send less than 600 bytes. */
const MAX_REST_BYTES = 4096;
const COMMAND = { LOCAL: 0x20, PROXY: 0x21 } as const;
const FAMILY = { UNSPEC: 0x00, TCP4: 0x11, TCP6: 0x21, UNIX_STREAM: 0x31 } as const;

function decodeBinary(bytes: Uint8Array): Decoded<ProxyHeader> {
  const [command, family] = bytes.subarray(12, 14);
  const rest = uint16(bytes, 14);
  if (rest > MAX_REST_BYTES) return BAD;
  const size = FIXED_BYTES + rest;
  if (command !== COMMAND.LOCAL && command !== COMMAND.PROXY) return BAD;
  if (command === COMMAND.PROXY && !hasRoomForAddresses(family, rest)) return BAD;
  if (bytes.length < size) return more(size);
  const header = command === COMMAND.LOCAL ? HIDDEN : readAnnounced(bytes.subarray(0, size), family);
  return header === undefined ? BAD : done(header, size);
}

/** Bytes of the two addresses with their ports, or of two paths. What is no stream is not in it. */
const ADDRESS_BYTES: ReadonlyMap<number | undefined, number> = new Map([
  [FAMILY.UNSPEC, 0],
  [FAMILY.TCP4, 2 * 4 + 4],
  [FAMILY.TCP6, 2 * 16 + 4],
  [FAMILY.UNIX_STREAM, 2 * 108],
]);

function hasRoomForAddresses(family: number | undefined, rest: number): boolean {
  const size = ADDRESS_BYTES.get(family);
  return size !== undefined && size <= rest;
}

/** undefined: what stands behind the addresses is damaged. */
function readAnnounced(header: Uint8Array, family: number | undefined): ProxyHeader | undefined {
  // Without addresses the rest is not read.
  if (family === FAMILY.UNSPEC) return HIDDEN;
  const extras = readExtras(header, FIXED_BYTES + (ADDRESS_BYTES.get(family) ?? 0));
  if (extras === undefined) return undefined;
  if (family === FAMILY.UNIX_STREAM) return HIDDEN;
  const width = family === FAMILY.TCP4 ? 4 : 16;
  const ports = FIXED_BYTES + 2 * width;
  return {
    kind: 'announced',
    source: { ip: ipAt(header, FIXED_BYTES, width), port: uint16(header, ports) },
    destination: { ip: ipAt(header, FIXED_BYTES + width, width), port: uint16(header, ports + 2) },
    extras,
  };
}

function encodeBinary(family: 4 | 6, ends: readonly WireEnd[]): Uint8Array {
  const width = family === 4 ? 4 : 16;
  const rest = 2 * width + 4;
  const bytes = newBytes(FIXED_BYTES + rest);
  bytes.set(Buffer.from(SIGNATURE, 'latin1'));
  bytes.set([COMMAND.PROXY, family === 4 ? FAMILY.TCP4 : FAMILY.TCP6, 0, rest], SIGNATURE.length);
  for (const [at, end] of ends.entries()) {
    bytes.set(end.bytes, FIXED_BYTES + at * width);
    bytes.set([end.port >> 8, end.port & 0xff], FIXED_BYTES + 2 * width + 2 * at);
  }
  return bytes;
}

/** An end as it goes into a header. */
interface WireEnd {
  readonly bytes: Uint8Array;
  readonly port: number;
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

function wireBytes(ip: Ip, family: 4 | 6): Uint8Array {
  const bytes = ipToBytes(withoutZone(ip));
  return family === 4 || bytes.length === 16 ? bytes : Uint8Array.of(...MAPPED, ...bytes);
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
