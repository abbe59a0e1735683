// IPv6 addresses that carry an IPv4 address: a packet for one of them may end at the other. Some are known to everybody,
// others belong to a network, whose operator says so (`nat64-prefix`, `6rd-prefix`).
import { bytesInCidr, ipFromBytes, ipToBytes, mustBeCidr, type Cidr, type Ip } from '../base/ip.ts';
import type { Config } from '../config/config.ts';

/** Where in addresses of `block` the IPv4 address stands. */
export type Carrier =
  /** Its four bytes, each with the bits of `mask` inverted. */
  | { readonly kind: 'bytes'; readonly block: Cidr; readonly offsets: Offsets; readonly mask: number }
  /** Behind the prefix, without the bits that all addresses of `common` share (RFC 5969). */
  | { readonly kind: '6rd'; readonly block: Cidr; readonly common: Cidr };

type Offsets = readonly [number, number, number, number];

/** The IPv4 addresses at which a packet for an IPv6 address may end; none for most. `local`: those of this network. */
export function carriedAddresses(ip: Ip, local: readonly Carrier[]): readonly Ip[] {
  const bytes = ipToBytes(ip);
  const found = isIsatap(bytes) ? [ipFromBytes(bytes.subarray(12))] : [];
  for (const carriers of [KNOWN_CARRIERS, local]) {
    for (const carrier of carriers) {
      if (bytesInCidr(carrier.block, bytes)) found.push(ipFromBytes(unfold(carrier, bytes)));
    }
  }
  return found;
}

/** Those of a configuration. */
export function localCarriers({
  nat64Prefixes,
  sixRdPrefixes,
}: Pick<Config, 'nat64Prefixes' | 'sixRdPrefixes'>): readonly Carrier[] {
  return [
    ...nat64Prefixes.flatMap((block) => nat64Carrier(block) ?? []),
    ...sixRdPrefixes.map((prefix) => ({ kind: '6rd', ...prefix }) as const),
  ];
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

/** undefined: a prefix of a translator has another length. */
function nat64Carrier(block: Cidr): Carrier | undefined {
  const offsets = block.family === 6 ? NAT64_OFFSETS.get(block.bits) : undefined;
  return offsets && { kind: 'bytes', block, offsets, mask: 0 };
}

const KNOWN_CARRIERS: readonly Carrier[] = [
  known('::/96', 12), // IPv4-compatible, RFC 4291 section 2.5.5.1
  known('::ffff:0:0:0/96', 12), // IPv4-translated, RFC 2765
  known('64:ff9b::/96', 12), // NAT64, RFC 6052
  known('2002::/16', 2), // 6to4, RFC 3056
  known('2001::/32', 4), // Teredo server, RFC 4380 section 4
  known('2001::/32', 12, 0xff), // Teredo client, its bits inverted
];

function known(text: string, at: number, mask = 0): Carrier {
  return { kind: 'bytes', block: mustBeCidr(text), offsets: [at, at + 1, at + 2, at + 3], mask };
}

/** The interface identifier `0:5efe:a.b.c.d` behind any prefix, with or without the bit of a universal one (RFC 5214 section 6.1). */
function isIsatap(bytes: Uint8Array): boolean {
  return ((bytes[8] ?? 0) | 2) === 2 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

function unfold(carrier: Carrier, bytes: Uint8Array): Uint8Array {
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
