// Zones of link-local addresses (RFC 4007): the same fe80::1 may exist on each link of a host, so the name of the interface
// belongs to it, `fe80::1%eth0`. Only addresses of clients and of this host have one: SOCKS has no room for it.
import {
  bytesInCidr,
  familyOf,
  ipToBytes,
  LOOPBACK_IPV4,
  mustBeCidr,
  parseCidr,
  parseIp,
  type Cidr,
  type Ip,
} from './ip.ts';
import { ANY_UNIX_CLIENT, isUnixClient, spellsUnixClient, zoneHolds } from './unixclient.ts';

const LINK_LOCAL = mustBeCidr('fe80::/10');

/** An interface name of Linux; numbers are refused, because an index may change at the next boot. */
const ZONED = /^([^%]*)%((?!\d+$)[^\s/%[\]\p{Cc}]{1,15})$/u;

/** `ip` in the zone of that name; an address that is not link-local has no other zone than the whole world. */
export function inZone(ip: Ip, zone: string): Ip {
  return zone !== '' && isLinkLocal(ip) ? (`${ip}%${zone}` as Ip) : ip;
}

/** The name of the zone; undefined when the address has none. */
export function zoneNameOf(ip: Ip): string | undefined {
  const at = ip.indexOf('%');
  return at < 0 ? undefined : ip.slice(at + 1);
}

export function withoutZone(ip: Ip): Ip {
  const at = ip.indexOf('%');
  return at < 0 ? ip : (ip.slice(0, at) as Ip);
}

/** Whether the address is in fe80::/10, where it means nothing without a zone. */
export function isLinkLocal(ip: Ip): boolean {
  return familyOf(ip) === 6 && bytesInCidr(LINK_LOCAL, ipToBytes(ip));
}

/** Whether both are the same address; one without a zone matches every zone. */
export function isSameIp(one: Ip, other: Ip): boolean {
  if (one === other) return true;
  if (zoneNameOf(one) !== undefined && zoneNameOf(other) !== undefined) return false;
  return withoutZone(one) === withoutZone(other);
}

/** parseIp(), and a link-local address with its zone. */
export function parseZonedIp(text: string): Ip | undefined {
  const [, address, zone] = ZONED.exec(text) ?? [];
  if (address === undefined || zone === undefined) return parseIp(text);
  const ip = parseIp(address);
  return ip !== undefined && isLinkLocal(ip) ? inZone(ip, zone) : undefined;
}

/** parseZonedIp(), and a client of a Unix socket, `unix:uid=1000`. */
export function parseClientIp(text: string): Ip | undefined {
  return spellsUnixClient(text) ? (text as Ip) : parseZonedIp(text);
}

/** Reads an address of the system: parseZonedIp() for any zone, and the zone is dropped when the address is not link-local. */
export function ipOfSystem(text: string): Ip | undefined {
  const at = text.indexOf('%');
  if (at < 0) return parseIp(text);
  const ip = parseIp(text.slice(0, at));
  return ip && inZone(ip, text.slice(at + 1));
}

/**
 * parseCidr(), and a block of link-local addresses in one zone, `fe80::%eth0/10` (RFC 4007 section 11.7); `unix:uid=1000` and `unix`
 * for one client and all clients of Unix sockets.
 */
export function parseZonedCidr(text: string): Cidr | undefined {
  if (text === ANY_UNIX_CLIENT || spellsUnixClient(text))
    return { family: 4, base: ipToBytes(LOOPBACK_IPV4), bits: 32, zone: text };
  const slash = text.includes('/') ? text.indexOf('/') : text.length;
  const ip = parseZonedIp(text.slice(0, slash));
  const zone = ip && zoneNameOf(ip);
  if (ip === undefined || zone === undefined) return parseCidr(text);
  const block = parseCidr(withoutZone(ip) + text.slice(slash));
  return block === undefined || block.bits < LINK_LOCAL.bits ? undefined : { ...block, zone };
}

/** Whether the block holds the address; a block without a zone holds addresses of every zone. */
export function cidrHolds(block: Cidr, ip: Ip, bytes: Uint8Array): boolean {
  return bytesInCidr(block, bytes) && isInZone(block.zone, ip);
}

/** Whether a client is in a zone of blocks; undefined: any zone or none. */
export function isInZone(zone: string | undefined, ip: Ip): boolean {
  return zone === undefined || zoneHolds(zone, isUnixClient(ip) ? ip : zoneNameOf(ip));
}
