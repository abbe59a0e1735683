// How private an address is, as seen from this host. Sources: the IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890) for what is not globally reachable, and the IANA multicast registries. Documentation
// blocks (192.0.2.0/24, 2001:db8::/32 ...) count as public: nothing lives there, and nobody gains by it.
import {
  bytesInCidr,
  familyOf,
  ipFromBytes,
  ipToBytes,
  parseCidr,
  unmapIp,
  type Cidr,
  type Ip,
} from '../base/ip.ts';

/** From the most private to the least. */
const ZONES = ['host', 'linkLocal', 'private', 'public'] as const;
export type Zone = (typeof ZONES)[number];

const SPECIAL_BLOCKS: readonly (readonly [Zone, Cidr])[] = [
  ...blocks('host', [
    '0.0.0.0/8', // "this network", RFC 791: Linux connects 0.0.0.0 to itself
    '127.0.0.0/8', // loopback, RFC 1122
    '::/128', // unspecified, RFC 4291
    '::1/128', // loopback, RFC 4291
  ]),
  ...blocks('linkLocal', [
    '169.254.0.0/16', // RFC 3927; the metadata services of clouds are here
    'fe80::/10', // RFC 4291
  ]),
  ...blocks('private', [
    '10.0.0.0/8', // RFC 1918
    '172.16.0.0/12', // RFC 1918
    '192.168.0.0/16', // RFC 1918
    '100.64.0.0/10', // shared by carrier NAT, RFC 6598
    '192.0.0.0/24', // IETF protocol assignments, RFC 6890: DS-Lite, NAT64 discovery
    '198.18.0.0/15', // benchmarking, RFC 2544
    '224.0.0.0/4', // multicast, RFC 5771
    '240.0.0.0/4', // reserved, RFC 1112, with limited broadcast, RFC 919
    'fc00::/7', // unique local, RFC 4193
    'fec0::/10', // site-local, deprecated by RFC 3879 and still routed inside sites
    '64:ff9b:1::/48', // local-use translation, RFC 8215
    '100::/64', // discard only, RFC 6666
    '2001:2::/48', // benchmarking, RFC 5180
    '5f00::/16', // segment routing identifiers, RFC 9602
    'ff00::/8', // multicast, RFC 4291
  ]),
];

/** IPv6 blocks that carry an IPv4 address, with the offset of its four bytes. */
const CARRIERS: readonly { readonly block: Cidr; readonly offset: number; readonly mask: number }[] = [
  { block: cidr('::/96'), offset: 12, mask: 0 }, // IPv4-compatible, RFC 4291 section 2.5.5.1
  { block: cidr('::ffff:0:0:0/96'), offset: 12, mask: 0 }, // IPv4-translated, RFC 2765
  { block: cidr('64:ff9b::/96'), offset: 12, mask: 0 }, // NAT64, RFC 6052
  { block: cidr('2002::/16'), offset: 2, mask: 0 }, // 6to4, RFC 3056
  { block: cidr('2001::/32'), offset: 4, mask: 0 }, // Teredo server, RFC 4380 section 4
  { block: cidr('2001::/32'), offset: 12, mask: 0xff }, // Teredo client, its bits inverted
];

/**
 * The zone of a destination. An IPv6 address that carries an IPv4 address may end at either, so the more
 * private of the two counts. `hostAddresses` are this host's own, in canonical text.
 */
export function zoneOf(ip: Ip, hostAddresses: ReadonlySet<Ip>): Zone {
  const outer = unmapIp(ip);
  if (familyOf(outer) === 4) return plainZone(outer, hostAddresses);
  const zones = [outer, ...carriedAddresses(outer)].map((each) => plainZone(each, hostAddresses));
  return ZONES.find((zone) => zones.includes(zone)) ?? 'public';
}

/**
 * The zone of a client. Privacy means rights here, and a peer chooses what its address carries: only the
 * address itself counts, with an IPv4-mapped one taken as IPv4.
 */
export function zoneOfClient(ip: Ip, hostAddresses: ReadonlySet<Ip>): Zone {
  return plainZone(unmapIp(ip), hostAddresses);
}

function plainZone(ip: Ip, hostAddresses: ReadonlySet<Ip>): Zone {
  return hostAddresses.has(ip) ? 'host' : (KNOWN.get(ip) ?? classify(ip));
}

/** The registries do not change while we run, and clients and destinations come again. */
const KNOWN = new Map<Ip, Zone>();
const MAX_KNOWN = 4096;

function classify(ip: Ip): Zone {
  const bytes = ipToBytes(ip);
  const zone = SPECIAL_BLOCKS.find(([, block]) => bytesInCidr(block, bytes))?.[0] ?? 'public';
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  KNOWN.set(ip, zone);
  return zone;
}

/** The IPv4 addresses at which a packet for an IPv6 address may end; none for most. */
export function carriedAddresses(ip: Ip): readonly Ip[] {
  const bytes = ipToBytes(ip);
  return CARRIERS.filter(({ block }) => bytesInCidr(block, bytes)).map(({ offset, mask }) =>
    ipFromBytes(bytes.subarray(offset, offset + 4).map((byte) => byte ^ mask)),
  );
}

function blocks(zone: Zone, texts: readonly string[]): (readonly [Zone, Cidr])[] {
  return texts.map((text) => [zone, cidr(text)] as const);
}

function cidr(text: string): Cidr {
  const block = parseCidr(text);
  if (block === undefined) throw new TypeError(`not a block of addresses: ${text}`);
  return block;
}
