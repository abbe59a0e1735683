// What clients are told about where this host waits for others.
import { familyOf, type Endpoint, type Ip } from '../base/ip.ts';

/** `local` as it is known outside: behind a NAT that is another address, with the same port. */
export function toldEndpoint(local: Endpoint, publicAddresses: readonly Ip[]): Endpoint {
  const family = familyOf(local.ip);
  const ip = publicAddresses.find((each) => familyOf(each) === family) ?? local.ip;
  return { ip, port: local.port };
}
