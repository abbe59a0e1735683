// The address of a name for datagrams. No connection could show success, so there is no race as with CONNECT: one address is
// chosen, once.
import { Fault } from '../../base/fault.ts';
import { familyOf, type Ip } from '../../base/ip.ts';
import type { NameLookup } from '../../net/names/resolve.ts';
import { plainZone } from '../../policy/rules/zones.ts';
import type { DropReason } from '../datagrams/drops.ts';

/**
 * The first address that `refusal` has nothing against; else why there is none. IPv4 comes first: hosts without IPv6
 * meet names that have it, too, and a datagram into nowhere goes unnoticed.
 */
export async function chooseAddress(
  { ipv4, ipv6 }: NameLookup,
  hostAddresses: ReadonlySet<Ip>,
  refusal: (ip: Ip) => DropReason | undefined,
): Promise<Ip | { readonly refused: DropReason }> {
  let refused: DropReason = 'unresolved';
  for (const asked of hasOnlyIpv6(hostAddresses) ? [ipv6, ipv4] : [ipv4, ipv6]) {
    const answer = await asked;
    for (const ip of answer instanceof Fault ? [] : answer) {
      const reason = refusal(ip);
      if (reason === undefined) return ip;
      refused = reason;
    }
  }
  return { refused };
}

/** Loopback and links lead nowhere. */
function hasOnlyIpv6(hostAddresses: ReadonlySet<Ip>): boolean {
  const families = [...hostAddresses].filter(leadsOut).map(familyOf);
  return families.length > 0 && !families.includes(4);
}

function leadsOut(ip: Ip): boolean {
  const zone = plainZone(ip);
  return zone === 'private' || zone === 'public';
}
