// Where a session leaves from: what a route says, or the user, or the group, or what holds for all.
import type { Ip } from '../base/ip.ts';
import type { Route, SourcePlan } from '../config/config.ts';
import type { Departure } from '../net/dial.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { listFor } from '../policy/sections.ts';
import type { Handshake } from './session.ts';

/** By a route, or without one. The source is chosen once for each pool: each choice takes a turn. */
export function departures(handshake: Handshake): (route: Route | undefined) => Departure {
  const { session, snapshot } = handshake;
  const { identity = ANONYMOUS } = session;
  const own = listFor(snapshot.policy.book, identity, 'source');
  const chosen = new Map<SourcePlan | undefined, readonly Ip[]>();
  return (route) => {
    const pool = route?.source ?? own;
    const source = chosen.get(pool) ?? choose(handshake, pool);
    chosen.set(pool, source);
    return { source, family: route?.family ?? snapshot.family, device: route?.device, mark: route?.mark };
  };
}

/** At most one address for each family; none: the system's choice. */
function choose({ session, leg, snapshot }: Handshake, pool: SourcePlan | undefined): readonly Ip[] {
  const { identity, client } = session;
  return snapshot.sources.choose(pool, { identity, client: client.ip, local: leg.local.ip });
}
