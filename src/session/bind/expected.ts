// Peers that may connect to a port of BIND: the host that the client has named, or any (RFC 1928 section 4, V5-24).
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { NameLookup, Resolver } from '../../net/names/resolve.ts';
import { isForAnybody } from '../../policy/itinerary/itinerary.ts';
import type { Asking } from '../../policy/rules/asking.ts';
import { admitRequest, type Policy } from '../../policy/rules/rules.ts';
import { denialOf } from '../asking.ts';

/** Addresses that may come; undefined: all that the rules allow when they come. */
export type Expected = ReadonlySet<Ip> | undefined;

/**
 * The addresses of the host in `asking`, which may be looked up, that the rules allow. Rejects with REQUEST_DENIED or GUARD_DENIED where that is
 * none, NAME_NOT_FOUND or a fault of the resolver.
 */
export async function expectPeers(policy: Policy, asking: Asking, resolver: Resolver): Promise<Expected> {
  const { destination } = asking;
  if (destination.kind === 'name') {
    return admitted(policy, asking, await addressesOf(resolver.lookup(destination.name, asking.client)));
  }
  return isForAnybody(asking) ? undefined : admitted(policy, asking, [destination.ip]);
}

async function addressesOf({ ipv4, ipv6 }: NameLookup): Promise<readonly Ip[]> {
  const answers = [await ipv4, await ipv6];
  const ips = answers.flatMap((answer) => (answer instanceof Fault ? [] : answer));
  if (ips.length > 0) return ips;
  throw answers.find((answer) => answer instanceof Fault) ?? new Fault('NAME_NOT_FOUND');
}

function admitted(policy: Policy, asking: Asking, ips: readonly Ip[]): ReadonlySet<Ip> {
  const rulings = ips.map((ip) => ({ ip, denial: denialOf(admitRequest(policy, asking, ip)) }));
  const allowed = rulings.filter(({ denial }) => denial === undefined);
  const denial = rulings[0]?.denial;
  if (allowed.length === 0 && denial !== undefined) throw denial;
  return new Set(allowed.map(({ ip }) => ip));
}
