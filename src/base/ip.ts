// Internet addresses as canonical text: RFC 5952 for IPv6, dotted quad for IPv4. Equal addresses are equal
// strings, an address is a map key and a log word as it stands, and a session keeps 30 bytes for it.
// Odd numeric spellings (127.1, 0x7f.1, 2130706433, 0177.0.0.1) are not addresses here. A link-local address of a client or of this
// host has its zone behind it, `fe80::1%eth0` (zoned.ts); parseIp() reads none. A client of a Unix socket has its account in the
// place of an address, `unix:uid=1000` (unixclient.ts).

import { newBytes } from './bytes.ts';
import { isUnixClient, isUnixZone, unixClientText } from './unixclient.ts';

declare const ipBrand: unique symbol;

/** An address in canonical text. Only the functions of this file make one. */
export type Ip = string & { readonly [ipBrand]: true };

/** One end of a connection; `port` is 0 to 65535. */
export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}

/** A block of addresses: the first `bits` bits of `base` are fixed. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly base: Uint8Array;
  readonly bits: number;
  /** Limits the block to one zone (zoned.ts); absent: any zone or none. */
  readonly zone?: string | undefined;
}

export const ANY_IPV4 = '0.0.0.0' as Ip;
export const ANY_IPV6 = '::' as Ip;
export const LOOPBACK_IPV4 = '127.0.0.1' as Ip;

const MAX_QUAD_LENGTH = '255.255.255.255'.length;
const DIGIT_ZERO = 48;
/** Code of `.` less that of `0`. */
const DOT = -2;

export function familyOf(ip: Ip): 4 | 6 {
  return ip.includes(':') && !isUnixClient(ip) ? 6 : 4;
}

/** 0.0.0.0 or `::`: no host has it, and it stands for any or for none. */
export function isUnspecified(ip: Ip): boolean {
  return ip === ANY_IPV4 || ip === ANY_IPV6;
}

/** Reads a dotted quad or an RFC 4291 section 2.2 text form; undefined for everything else. */
export function parseIp(text: string): Ip | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return bytes === undefined ? undefined : ipFromBytes(bytes);
}

/** The address of 4 or 16 bytes in network order. */
export function ipFromBytes(bytes: Uint8Array): Ip {
  return ipAt(bytes, 0, bytes.length === 4 ? 4 : 16);
}

/** The address of the `length` bytes from `start` on. */
export function ipAt(bytes: Uint8Array, start: number, length: 4 | 16): Ip {
  if (length === 16) return formatIpv6(bytes.subarray(start, start + 16)) as Ip;
  return quad(bytes[start] ?? 0, bytes[start + 1] ?? 0, bytes[start + 2] ?? 0, bytes[start + 3] ?? 0);
}

/** Recent IPv4 addresses, one per hash slot: peers repeat, and making the text is most of the work. */
const RECENT_SIZE = 1024;
const recentNumbers = new Int32Array(RECENT_SIZE);
const recentIps = new Array<Ip | undefined>(RECENT_SIZE).fill(undefined);

function quad(a: number, b: number, c: number, d: number): Ip {
  const number = (a << 24) | (b << 16) | (c << 8) | d;
  const slot = (number ^ (number >>> 10) ^ (number >>> 20)) & (RECENT_SIZE - 1);
  const recent = recentNumbers[slot] === number ? recentIps[slot] : undefined;
  if (recent !== undefined) return recent;
  const ip = `${a}.${b}.${c}.${d}` as Ip;
  recentNumbers[slot] = number;
  recentIps[slot] = ip;
  return ip;
}

/** The client of a Unix socket; undefined: the system does not tell its account. */
export function ipOfUnixClient(uid: number | undefined): Ip {
  return unixClientText(uid) as Ip;
}

/** `ip` itself; of a client of a Unix socket the address that stands for it, 127.0.0.1. */
export function addressOf(ip: Ip): Ip {
  return isUnixClient(ip) ? LOOPBACK_IPV4 : ip;
}

/** The 4 or 16 bytes of an address, in network order; they say nothing of its zone or account. */
export function ipToBytes(client: Ip): Uint8Array {
  const ip = addressOf(client);
  const bytes =
    familyOf(ip) === 4 ? parseIpv4(ip) : parseIpv6(ip.includes('%') ? ip.slice(0, ip.indexOf('%')) : ip);
  if (bytes === undefined) throw new TypeError(`not a canonical address: ${ip}`);
  return bytes;
}

/** Writes the 4 or 16 bytes of an address to where `at` says; returns how many. */
export function putIp(ip: Ip, bytes: Uint8Array, at: number): 4 | 16 {
  if (familyOf(ip) === 4 && putIpv4(ip, bytes, at)) return 4;
  const found = ipToBytes(ip);
  bytes.set(found, at);
  return found.length === 4 ? 4 : 16;
}

/** `::ffff:192.0.2.1` as `192.0.2.1`; every other address unchanged. */
export function unmapIp(ip: Ip): Ip {
  return ip.startsWith('::ffff:') && ip.includes('.') ? (ip.slice(7) as Ip) : ip;
}

/**
 * Reads `ADDRESS[/BITS]`; a missing length means one address. A block of IPv4-mapped addresses is read as the IPv4
 * block, because that is the family in which addresses are compared.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const ip = match?.[1] === undefined ? undefined : parseIp(match[1]);
  if (ip === undefined) return undefined;
  const base = ipToBytes(ip);
  const bits = match?.[2] === undefined ? base.length * 8 : Number(match[2]);
  if (bits > base.length * 8) return undefined;
  if (unmapIp(ip) !== ip && bits >= 96) return { family: 4, base: base.subarray(12), bits: bits - 96 };
  return { family: familyOf(ip), base, bits };
}

/** parseCidr() of a text in our own sources. */
export function mustBeCidr(text: string): Cidr {
  const block = parseCidr(text);
  if (block === undefined) throw new TypeError(`not a block of addresses: ${text}`);
  return block;
}

export function formatCidr(cidr: Cidr): string {
  if (cidr.zone !== undefined && isUnixZone(cidr.zone)) return cidr.zone;
  const zone = cidr.zone === undefined ? '' : `%${cidr.zone}`;
  return `${ipFromBytes(cidr.base)}${zone}/${cidr.bits}`;
}

/** Whether the block, in any zone, holds the 4 or 16 bytes of an address; a block never holds addresses of the other family. */
export function bytesInCidr(cidr: Cidr, bytes: Uint8Array): boolean {
  if (bytes.length !== cidr.base.length) return false;
  const whole = cidr.bits >> 3;
  for (let at = 0; at < whole; at++) if (bytes[at] !== cidr.base[at]) return false;
  const rest = cidr.bits & 7;
  if (rest === 0) return true;
  const mask = 0xff00 >> rest;
  return (((bytes[whole] ?? 0) ^ (cidr.base[whole] ?? 0)) & mask & 0xff) === 0;
}

/** `192.0.2.1:1080` or `[2001:db8::1]:1080`; `unix:uid=1000` for a client of a Unix socket. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (isUnixClient(endpoint.ip)) return endpoint.ip;
  return familyOf(endpoint.ip) === 4
    ? `${endpoint.ip}:${endpoint.port}`
    : `[${endpoint.ip}]:${endpoint.port}`;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = newBytes(4);
  return putIpv4(text, bytes, 0) ? bytes : undefined;
}

/** Whether `text` is a dotted quad. Character by character: this stands in the path of every connection. */
function putIpv4(text: string, bytes: Uint8Array, start: number): boolean {
  if (text.length > MAX_QUAD_LENGTH) return false;
  let at = 0;
  let digits = 0;
  let value = 0;
  for (let index = 0; index <= text.length; index++) {
    const digit = text.charCodeAt(index) - DIGIT_ZERO;
    if (digit >= 0 && digit <= 9) {
      // A leading zero may mean octal elsewhere, so it means nothing here.
      if (digits > 0 && value === 0) return false;
      value = value * 10 + digit;
      digits += 1;
      continue;
    }
    const isEnd = index === text.length;
    if (digits === 0 || value > 255 || at > 3 || (!isEnd && digit !== DOT)) return false;
    bytes[start + at++] = value;
    digits = 0;
    value = 0;
  }
  return at === 4;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1 ? 'end' : 'beginning');
  const tail = halves[1] === undefined ? [] : parseGroups(halves[1], 'end');
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** Groups of one side of `::` as bytes; a dotted quad may stand at the end of the address. */
function parseGroups(text: string, part: 'beginning' | 'end'): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const quad = part === 'end' && at === groups.length - 1 ? parseIpv4(group) : undefined;
    if (quad === undefined) return undefined;
    bytes.push(...quad);
  }
  return bytes;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.subarray(12).join('.')}`;
  }
  const run = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  return run.length < 2
    ? hex(groups)
    : `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > best.length) best = { start, length: at + 1 - start };
  }
  return best;
}
