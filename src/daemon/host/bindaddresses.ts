// Addresses for BIND, from the option bind.
import { familyOf, unmapIp, type Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import { interfaceOf } from '../../config/values/listen.ts';
import { ownAddresses } from './ownaddresses.ts';

/**
 * The first address of each family in the order of `places`: addresses, names or `@INTERFACE`. Rejects with StartFailure
 * for a name or interface that gives none.
 */
export async function resolveBind(places: readonly string[]): Promise<readonly Ip[]> {
  const ips = (await Promise.all(places.map(localAddressesOf))).flat();
  return ips.filter((ip, at) => ips.findIndex((each) => familyOf(each) === familyOf(ip)) === at);
}

async function localAddressesOf(place: string): Promise<readonly Ip[]> {
  const ip = parseZonedIp(place);
  if (ip !== undefined) return [unmapIp(ip)];
  const name = interfaceOf(place);
  const own =
    name === undefined ? ({ kind: 'name', host: place } as const) : ({ kind: 'interface', name } as const);
  return ownAddresses(own, `cannot wait for BIND at ${place}`);
}
