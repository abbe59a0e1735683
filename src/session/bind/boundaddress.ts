// The address where BIND waits: one of this host that the peer can reach, the source address of a CONNECT to it (V5-30).
import { Fault } from '../../base/fault.ts';
import { familyOf, type Ip } from '../../base/ip.ts';
import { familyObjection, type Departure } from '../../net/dial/dial.ts';
import type { Transport } from '../../net/transport.ts';
import { plainZone } from '../../policy/rules/zones.ts';
import type { Handshake } from '../session.ts';
import type { Expected } from './expected.ts';

/** The session, the expected peers, and the departure of connections of this session. */
export interface BoundAddressPlan {
  readonly handshake: Pick<Handshake, 'leg' | 'session' | 'dialect' | 'snapshot'>;
  readonly expected: Expected;
  readonly departure: Departure;
}

/**
 * An address in the family of the client if an expected peer may have that family, else in the other one. Rejects with
 * FAMILY_UNSUPPORTED if this host has no such address.
 */
export async function boundAddressFor(
  plan: BoundAddressPlan,
  transport: Pick<Transport, 'departureTo'>,
): Promise<Ip> {
  const dialled = plan.handshake.leg.local.ip;
  for (const family of familiesOf(plan)) {
    const address = await addressIn(family, plan, transport);
    if (address !== undefined) return address;
  }
  throw new Fault(
    'FAMILY_UNSUPPORTED',
    `no address of this host leads to the peer: client came to ${dialled}; see \`bind\` and \`source\``,
  );
}

function familiesOf({ handshake: { leg, dialect }, expected }: BoundAddressPlan): readonly (4 | 6)[] {
  const own = familyOf(leg.local.ip);
  return ([own, own === 4 ? 6 : 4] as const).filter(
    (family) =>
      dialect.families.includes(family) &&
      (expected === undefined || [...expected].some((ip) => familyOf(ip) === family)),
  );
}

/**
 * In this order: the addresses of `bind`, those of `source`, the one that the kernel would use towards the peer, the one that the
 * client has connected to.
 */
async function addressIn(
  family: 4 | 6,
  { handshake: { leg, session, snapshot }, expected, departure }: BoundAddressPlan,
  transport: Pick<Transport, 'departureTo'>,
): Promise<Ip | undefined> {
  const ofFamily = (ip: Ip): boolean => familyOf(ip) === family;
  const named = snapshot.outside.bindAddresses.find(ofFamily);
  if (named !== undefined) return named;
  if (familyObjection(family, departure) !== undefined) return undefined;
  const source = departure.source.find(ofFamily);
  if (source !== undefined) return source;
  const peer = expected && [...expected].find(ofFamily);
  const leading = peer && (await transport.departureTo(peer, departure));
  return leading ?? [dialledBy({ leg, session })].find((ip) => ip !== undefined && ofFamily(ip));
}

/** undefined: a balancer on this host has dialled it, so no peer comes to it from outside. */
function dialledBy({ leg, session }: Pick<Handshake, 'leg' | 'session'>): Ip | undefined {
  const { ip } = leg.local;
  return session.introduction !== undefined && plainZone(ip) === 'host' ? undefined : ip;
}
