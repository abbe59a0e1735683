// IPv6 addresses that carry an IPv4 address: a packet for one of them may end at the other. Some are known to everybody,
// others belong to a network: its operator says so (`nat64-prefix`, `6rd-prefix`), or its name server does (RFC 7050).
import {
  bytesInCidr,
  familyOf,
  ipFromBytes,
  ipToBytes,
  mustBeCidr,
  type Cidr,
  type Ip,
} from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';

/** The position of the IPv4 address in addresses of `block`. */
export type Ipv4Carrier =
  /** Its four bytes, each with the bits of `mask` inverted. */
  | { readonly kind: 'bytes'; readonly block: Cidr; readonly offsets: Offsets; readonly mask: number }
  /** Behind the prefix, without the bits that all addresses of `common` share (RFC 5969). */
  | { readonly kind: '6rd'; readonly block: Cidr; readonly common: Cidr };

type Offsets = readonly [number, number, number, number];

/** The IPv4 addresses at which a packet for an IPv6 address may end; none for most. `local`: those of this network. */
export function carriedAddresses(ip: Ip, local: readonly Ipv4Carrier[]): readonly Ip[] {
  const bytes = ipToBytes(ip);
  const found = isIsatap(bytes) ? [ipFromBytes(bytes.subarray(12))] : [];
  for (const carriers of [KNOWN_CARRIERS, local]) {
    for (const carrier of carriers) {
      if (bytesInCidr(carrier.block, bytes)) found.push(ipFromBytes(unfold(carrier, bytes)));
    }
  }
  return found;
}

/** The answers of a name server so far; later ones count from then on. */
export interface FoundCarriers {
  readonly carriers: readonly Ipv4Carrier[];
}

/** The carriers of a configuration, with those `found` if it asks for them. */
export function localCarriers(
  { nat64Prefixes, sixRdPrefixes }: Pick<Config, 'nat64Prefixes' | 'sixRdPrefixes'>,
  found: FoundCarriers,
): () => readonly Ipv4Carrier[] {
  const written = [
    ...nat64Carriers(nat64Prefixes.filter((each) => typeof each !== 'string')),
    ...sixRdPrefixes.map((prefix) => ({ kind: '6rd', ...prefix }) as const),
  ];
  if (!nat64Prefixes.includes('auto')) return () => written;
  return () => (found.carriers.length === 0 ? written : [...written, ...found.carriers]);
}

/** Prefixes of other lengths than those of RFC 6052 are left out. */
export function nat64Carriers(prefixes: readonly Cidr[]): readonly Ipv4Carrier[] {
  return prefixes.flatMap((block) => nat64Carrier(block) ?? []);
}

/**
 * The prefixes of the translators whose name server has given `addresses` to `ipv4only.arpa` (RFC 7050 section 3), each once,
 * with zeros after the prefix. An address in which 192.0.0.170 or 192.0.0.171 stands at several places gives several.
 */
export function nat64PrefixesOf(addresses: readonly Ip[]): readonly Cidr[] {
  const found = new Map<string, Cidr>();
  for (const bytes of addresses.filter((ip) => familyOf(ip) === 6).map(ipToBytes)) {
    for (const [bits, offsets] of NAT64_OFFSETS) {
      if (!isWellKnown(offsets.map((at) => bytes[at])) || !isOctetZero(bytes, bits)) continue;
      const base = Uint8Array.from(bytes).fill(0, bits / 8);
      found.set(`${ipFromBytes(base)}/${bits}`, { family: 6, base, bits });
    }
  }
  return [...found.values()];
}

/** The addresses of `ipv4only.arpa`: 192.0.0.170 and 192.0.0.171 (RFC 7050 section 8.2). */
function isWellKnown([a, b, c, d]: readonly (number | undefined)[]): boolean {
  return a === 192 && b === 0 && c === 0 && (d === 170 || d === 171);
}

/** Byte 8, which translators leave zero (RFC 6052 section 2.2). It belongs to a prefix of 96 bits, whatever it is there. */
function isOctetZero(bytes: Uint8Array, bits: number): boolean {
  return bits > 64 || bytes[8] === 0;
}

/** Lengths of prefixes that RFC 6052 section 2.2 knows, with where the IPv4 address stands: it leaves out byte 8. */
const NAT64_OFFSETS: ReadonlyMap<number, Offsets> = new Map([
  [32, [4, 5, 6, 7]],
  [40, [5, 6, 7, 9]],
  [48, [6, 7, 9, 10]],
  [56, [7, 9, 10, 11]],
  [64, [9, 10, 11, 12]],
  [96, [12, 13, 14, 15]],
]);

/** undefined when the prefix has a length that no translator uses. */
function nat64Carrier(block: Cidr): Ipv4Carrier | undefined {
  const offsets = block.family === 6 ? NAT64_OFFSETS.get(block.bits) : undefined;
  return offsets && { kind: 'bytes', block, offsets, mask: 0 };
}

const KNOWN_CARRIERS: readonly Ipv4Carrier[] = [
  known('::/96', 12), // IPv4-compatible, RFC 4291 section 2.5.5.1
  known('::ffff:0:0:0/96', 12), // IPv4-translated, RFC 2765
  known('64:ff9b::/96', 12), // NAT64, RFC 6052
  known('2002::/16', 2), // 6to4, RFC 3056
  known('2001::/32', 4), // Teredo server, RFC 4380 section 4
  known('2001::/32', 12, 0xff), // Teredo client, its bits inverted
];

function known(text: string, at: number, mask = 0): Ipv4Carrier {
  return { kind: 'bytes', block: mustBeCidr(text), offsets: [at, at + 1, at + 2, at + 3], mask };
}

/**
 * The interface identifier `0:5efe:a.b.c.d` after any prefix, with or without the bit of a universal one (RFC 5214 section 6.1).
 */
function isIsatap(bytes: Uint8Array): boolean {
  return ((bytes[8] ?? 0) | 2) === 2 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

function unfold(carrier: Ipv4Carrier, bytes: Uint8Array): Uint8Array {
  switch (carrier.kind) {
    case 'bytes':
      return Uint8Array.from(carrier.offsets, (at) => (bytes[at] ?? 0) ^ carrier.mask);
    case '6rd':
      return unfold6rd(bytes, carrier.block.bits, carrier.common);
  }
}

function unfold6rd(bytes: Uint8Array, start: number, common: Cidr): Uint8Array {
  const ipv4 = Uint8Array.from(common.base);
  for (let to = common.bits; to < 32; to++) {
    const from = start + to - common.bits;
    const bit = ((bytes[from >> 3] ?? 0) >> (7 - (from & 7))) & 1;
    const place = 0x80 >> (to & 7);
    ipv4[to >> 3] = bit === 1 ? (ipv4[to >> 3] ?? 0) | place : (ipv4[to >> 3] ?? 0) & ~place;
  }
  return ipv4;
}
