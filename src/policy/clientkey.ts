// The key by which limits and bans count one client: an IPv4 address, or an IPv6 /64, which one customer or host has
// and can take any address of (RFC 6177, RFC 4941); of a Unix socket the account. Link-local addresses of two links are two such networks (RFC
// 4007).
import { familyOf, ipFromBytes, ipToBytes, unmapIp, type Cidr, type Ip } from '../base/ip.ts';
import { isUnixZone, spellsUnixClient } from '../base/unixclient.ts';
import { inZone, parseClientIp, zoneNameOf } from '../base/zoned.ts';

declare const keyBrand: unique symbol;

/**
 * An IPv4 address, an IPv6 prefix as `2001:db8:1:2::/64` or `fe80::%eth0/64`, or an account as `unix:uid=1000`. Equal clients are equal
 * strings.
 */
export type ClientKey = string & { readonly [keyBrand]: true };

/** Bytes of an IPv6 address that identify a client. */
const PREFIX_BYTES = 8;

export function clientKeyOf(ip: Ip): ClientKey {
  const plain = unmapIp(ip);
  if (familyOf(plain) === 4) return plain as string as ClientKey;
  const prefix = new Uint8Array(16);
  prefix.set(ipToBytes(plain).subarray(0, PREFIX_BYTES));
  return `${inZone(ipFromBytes(prefix), zoneNameOf(plain) ?? '')}/64` as ClientKey;
}

/** An address of the client; undefined if the text is no key. */
export function ipOfClientKey(text: string): Ip | undefined {
  const ip = parseClientIp(text.replace(/\/64$/, ''));
  return ip !== undefined && clientKeyOf(ip) === text ? ip : undefined;
}

/**
 * The client that equals a block, possibly any address of an IPv6 /64; undefined: the block holds several clients, or
 * a part of one.
 */
export function clientOfBlock({ family, base, bits, zone }: Cidr): Ip | undefined {
  if (zone !== undefined && isUnixZone(zone)) return spellsUnixClient(zone) ? (zone as Ip) : undefined;
  const isClient = bits === base.length * 8 || (family === 6 && bits === PREFIX_BYTES * 8);
  return isClient ? inZone(ipFromBytes(base), zone ?? '') : undefined;
}
