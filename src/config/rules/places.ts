// Destinations of `request` rules, `DESTINATION[:PORTS]`. Whatever reads as an address is one, so a port after a bare
// IPv6 address needs brackets: `[2001:db8::1]:443`.
import { ipToBytes, parseCidr, parseIp, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import type { AddressSpan, Place, PortRange } from '../model/config.ts';
import { isName, type PortOf } from '../values/hostport.ts';
import { quote, value, wrong, type Parsed } from '../values/parsed.ts';

/** The destination of a rule: a place, and its ports. */
export interface RuleTarget {
  readonly place: Place;
  readonly ports: PortRange | undefined;
}

const PLACES = 'ADDRESS, ADDRESS/BITS, LOW-HIGH, NAME, .SUFFIX or *';

/** Reads `DESTINATION[:PORTS]`; ports are `N`, `LOW-HIGH` or a service that `portOf` knows. */
export function parseTarget(text: string, portOf: PortOf): Parsed<RuleTarget> {
  const alone = parsePlace(text);
  if (alone.kind === 'value') return value({ place: alone.value, ports: undefined });
  const colon = text.lastIndexOf(':');
  if (colon < 0) return alone;
  const place = parsePlace(text.slice(0, colon));
  if (place.kind === 'wrong') return colon === text.indexOf(':') ? place : alone;
  const ports = parsePorts(text.slice(colon + 1), portOf);
  return ports.kind === 'wrong' ? ports : value({ place: place.value, ports: ports.value });
}

/** Reads `ADDRESS[/BITS]` or `LOW-HIGH`, an IPv6 address with or without brackets; undefined for anything else. */
export function parseSpan(text: string): AddressSpan | undefined {
  const bare = text.replace(/\[([^[\]]*:[^[\]]*)\](?=$|[/-])/g, '$1');
  const cidr = parseCidr(bare);
  return cidr === undefined ? parseRange(bare) : spanOf(cidr);
}

/** The addresses of a block. */
export function spanOf({ base, bits, zone }: Cidr): AddressSpan {
  const fixed = (at: number): number => 0xff & ~(0xff >> Math.max(0, Math.min(8, bits - 8 * at)));
  return {
    low: base.map((byte, at) => byte & fixed(at)),
    high: base.map((byte, at) => byte | (0xff & ~fixed(at))),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Whether it is every address of its family. */
export function isWholeFamily({ low, high }: AddressSpan): boolean {
  return low.every((byte) => byte === 0) && high.every((byte) => byte === 0xff);
}

function parseRange(text: string): AddressSpan | undefined {
  const [low, high, ...more] = text.split('-').map((part) => parseIp(part));
  if (low === undefined || high === undefined || more.length > 0) return undefined;
  const span = { low: addressBytes(low), high: addressBytes(high) };
  return span.low.length === span.high.length && Buffer.compare(span.low, span.high) <= 0 ? span : undefined;
}

function addressBytes(ip: Ip): Uint8Array {
  return ipToBytes(unmapIp(ip));
}

function parsePlace(text: string): Parsed<Place> {
  if (text === '*') return value({ kind: 'any' });
  const span = parseSpan(text);
  // As in the C program a block of no bits matches both families.
  if (span !== undefined) return value(isWholeFamily(span) ? { kind: 'any' } : { kind: 'addresses', span });
  const name = text.toLowerCase().replace(/\.$/, '');
  if (isName(name)) return value({ kind: 'name', name });
  if (name.startsWith('.') && isName(name.slice(1))) return value({ kind: 'suffix', suffix: name });
  return wrong(whyNoPlace(text));
}

function whyNoPlace(text: string): string {
  if (text === '') return `an item is empty; write ${PLACES}`;
  const star = /^\*(\.[^*]+)$/.exec(text)?.[1];
  if (star !== undefined) {
    return `${quote(text)} is no destination; ${quote(star)} means that name and every name below it`;
  }
  if (text.includes('%') && parseZonedIp(text.replace(/^\[(.*)\]$/, '$1')) !== undefined) {
    return `${quote(text)}: a request has no room for an interface; write the address alone`;
  }
  const ends = text.split('-').map((part) => parseIp(part));
  if (ends.length === 2 && !ends.includes(undefined)) {
    return `${quote(text)} is no range; write two addresses of one family, the lower one first`;
  }
  return `${quote(text)} is not ${PLACES}`;
}

function parsePorts(text: string, portOf: PortOf): Parsed<PortRange> {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return parseService(text, portOf);
  const [low, high] = [Number(first), Number(last)];
  return low <= high && high <= 65_535
    ? value({ low, high })
    : wrong(`${quote(text)} is not a range of ports; write LOW-HIGH within 0-65535`);
}

function parseService(text: string, portOf: PortOf): Parsed<PortRange> {
  const port = /^[a-z]/i.test(text) ? portOf(text) : undefined;
  return port === undefined
    ? wrong(`${quote(text)} is not a port, a range LOW-HIGH or a service of /etc/services`)
    : value({ low: port, high: port });
}
