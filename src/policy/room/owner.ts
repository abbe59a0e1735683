// The owner of something, in nested parts. One customer may have a whole IPv6 /48 (RFC 6177) or a handful of IPv4
// neighbours, so a share for each address or each /64 would give an attacker as many shares as wanted.
import { familyOf, ipFromBytes, ipToBytes, unmapIp, type Ip } from '../../base/ip.ts';
import { ANY_UNIX_CLIENT, isUnixClient } from '../../base/unixclient.ts';
import { inZone, zoneNameOf } from '../../base/zoned.ts';
import { clientKeyOf } from '../clientkey.ts';

/**
 * The networks of a client, the widest first, and the client itself (clientKeyOf()) last: an IPv4 /24 and the
 * address, an IPv6 /48, /56 and /64, or all Unix sockets and an account. Equal networks are equal strings.
 */
export type Owner = readonly string[];

export function ownerOf(client: Ip): Owner {
  const ip = unmapIp(client);
  if (isUnixClient(ip)) return [ANY_UNIX_CLIENT, clientKeyOf(ip)];
  if (familyOf(ip) === 4) return [`${ip.slice(0, ip.lastIndexOf('.'))}.0/24`, clientKeyOf(ip)];
  return [networkOf(ip, 48), networkOf(ip, 56), clientKeyOf(ip)];
}

/** The same without the client, for things that a client can have only once. */
export function networksOf(client: Ip): Owner {
  return ownerOf(client).slice(0, -1);
}

function networkOf(ip: Ip, bits: 48 | 56): string {
  const network = ipFromBytes(ipToBytes(ip).fill(0, bits / 8));
  return `${inZone(network, zoneNameOf(ip) ?? '')}/${bits}`;
}
