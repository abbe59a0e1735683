// How private an address is, as seen from this host. Sources: the IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890) for what is not globally reachable, and the IANA multicast registries. Documentation
// blocks (192.0.2.0/24, 2001:db8::/32 ...) count as public: nothing lives there, and an attacker gains nothing by it.
import { bytesInCidr, familyOf, ipToBytes, mustBeCidr, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import { carriedAddresses } from './carriers.ts';
import type { Here } from './here.ts';

/** From the most private to the least. */
const ZONES = ['host', 'linkLocal', 'private', 'public'] as const;
export type Zone = (typeof ZONES)[number];

const SPECIAL_BLOCKS: readonly (readonly [Zone, Cidr])[] = [
  ...zoneBlocks('host', [
    '0.0.0.0/8', // "this network", RFC 791: Linux connects 0.0.0.0 to itself
    '127.0.0.0/8', // loopback, RFC 1122
    '::/128', // unspecified, RFC 4291
    '::1/128', // loopback, RFC 4291
    '224.0.0.0/4', // multicast, RFC 5771: this host hears what it sends there
    '255.255.255.255/32', // limited broadcast, RFC 919
    'ff00::/8', // multicast, RFC 4291
  ]),
  ...zoneBlocks('linkLocal', [
    '169.254.0.0/16', // RFC 3927; the metadata services of clouds are here
    'fe80::/10', // RFC 4291
  ]),
  ...zoneBlocks('private', [
    '10.0.0.0/8', // RFC 1918
    '172.16.0.0/12', // RFC 1918
    '192.168.0.0/16', // RFC 1918
    '100.64.0.0/10', // shared by carrier NAT, RFC 6598
    '192.0.0.0/24', // IETF protocol assignments, RFC 6890: DS-Lite, NAT64 discovery
    '198.18.0.0/15', // benchmarking, RFC 2544
    '240.0.0.0/4', // reserved, RFC 1112
    'fc00::/7', // unique local, RFC 4193
    'fec0::/10', // site-local, deprecated by RFC 3879 and still routed inside sites
    '64:ff9b:1::/48', // local-use translation, RFC 8215
    '100::/64', // discard only, RFC 6666
    '2001:2::/48', // benchmarking, RFC 5180
    '5f00::/16', // segment routing identifiers, RFC 9602
  ]),
];

/**
 * The zone of a destination. An IPv6 address that carries an IPv4 address may end at either, so the more
 * private of the two counts.
 */
export function zoneOf(ip: Ip, here: Here): Zone {
  const outer = unmapIp(ip);
  if (familyOf(outer) === 4) return zoneOfPlace(outer, here);
  const zones = [outer, ...carriedAddresses(outer, here.carriers())].map((each) => zoneOfPlace(each, here));
  return ZONES.find((zone) => zones.includes(zone)) ?? 'public';
}

/**
 * The zone of a client. Privacy means rights here, and a peer chooses what its address carries: only the
 * address itself counts, with an IPv4-mapped one taken as IPv4.
 */
export function zoneOfClient(ip: Ip, here: Here): Zone {
  const plain = unmapIp(ip);
  const zone = plainZone(plain);
  return zone === 'host' || here.isAt(plain) ? 'host' : zone;
}

/** The zone of an address as the registries have it, whichever host it belongs to. */
export function plainZone(ip: Ip): Zone {
  return KNOWN.get(ip) ?? classify(ip);
}

/** The kernel is asked last. */
function zoneOfPlace(ip: Ip, here: Here): Zone {
  const zone = plainZone(ip);
  return zone === 'host' || here.isReachedAt(ip) ? 'host' : zone;
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

function zoneBlocks(zone: Zone, texts: readonly string[]): (readonly [Zone, Cidr])[] {
  return texts.map((text) => [zone, mustBeCidr(text)] as const);
}
