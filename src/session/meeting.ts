// Where BIND waits: an address of this host that the peer can reach (V5-30).
import { Fault } from '../base/fault.ts';
import { familyOf, type Ip } from '../base/ip.ts';
import type { Expected } from './expected.ts';
import type { Handshake } from './session.ts';

/**
 * The address that `bind` names in the peer's family, or else the one that the client has dialled. Where the peer may
 * have either family, that of the client comes first. Throws FAMILY_UNSUPPORTED where there is no such address.
 */
export function meetingAddress(
  { leg, version, snapshot }: Pick<Handshake, 'leg' | 'version' | 'snapshot'>,
  expected: Expected,
): Ip {
  const dialled = leg.local.ip;
  const usable = [...snapshot.outside.bindAddresses, dialled].filter(
    // A SOCKS4 reply has no room for IPv6.
    (ip) => hasFamily(expected, familyOf(ip)) && (version === 5 || familyOf(ip) === 4),
  );
  const meeting = usable.find((ip) => familyOf(ip) === familyOf(dialled)) ?? usable[0];
  if (meeting !== undefined) return meeting;
  throw new Fault(
    'FAMILY_UNSUPPORTED',
    `client came to ${dialled}, and bind names no address that fits better`,
  );
}

function hasFamily(expected: Expected, family: 4 | 6): boolean {
  return expected === undefined || [...expected].some((ip) => familyOf(ip) === family);
}
