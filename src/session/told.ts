// BND.ADDR of replies: the address at which this host waits for peers of a client, or for its datagrams.
import { familyOf, unmapIp, type Endpoint, type Ip } from '../base/ip.ts';
import type { Here } from '../policy/rules/here.ts';
import { plainZone, zoneOfClient } from '../policy/rules/zones.ts';

/**
 * `local`, for others to come to, as it is known outside: behind a NAT that is another address, with the same port. To loopback
 * no peer comes from outside.
 */
export function toldEndpoint(local: Endpoint, publicAddresses: readonly Ip[]): Endpoint {
  if (plainZone(unmapIp(local.ip)) === 'host') return local;
  const family = familyOf(local.ip);
  const ip = publicAddresses.find((each) => familyOf(each) === family) ?? local.ip;
  return { ip, port: local.port };
}

/** `local`, for `client` itself: one on this host is not behind the NAT, which may not lead it back here. */
export function toldToClient(
  local: Endpoint,
  client: Ip,
  publicAddresses: readonly Ip[],
  here: Here,
): Endpoint {
  return zoneOfClient(client, here) === 'host' ? local : toldEndpoint(local, publicAddresses);
}
