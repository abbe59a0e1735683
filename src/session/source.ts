// Where a session leaves from: what a route says, or the user, or the group, or what holds for all; and the header with which a
// route tells who the client is.
import type { Ip } from '../base/ip.ts';
import type { Route, SourcePlan } from '../config/model/config.ts';
import type { Departure } from '../net/dial/dial.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { listFor } from '../policy/rules/sections.ts';
import { encodeHiddenHeader, encodeProxyHeader } from '../protocol/doors/proxyheader.ts';
import { isHidden } from './introduction.ts';
import type { Handshake, Snapshot } from './session.ts';

/** Without routes. */
export function departureOf(handshake: Handshake): Departure {
  return departureBy(
    handshake.snapshot,
    chooseSources(handshake, handshake.source ?? ownPool(handshake)),
    undefined,
  );
}

/** By a route, or without one. The source is chosen once for each pool: each choice takes a turn. */
export function departures(handshake: Handshake): (route: Route | undefined) => Departure {
  const { source: said } = handshake;
  const own = ownPool(handshake);
  const chosen = new Map<SourcePlan | undefined, readonly Ip[]>();
  return (route) => {
    const pool = said ?? route?.source ?? own;
    const source = chosen.get(pool) ?? chooseSources(handshake, pool);
    chosen.set(pool, source);
    return departureBy(handshake.snapshot, source, route);
  };
}

/** The header from the client to the address that it has connected to; undefined: the route sends none. */
export function headerBy({ session, leg }: Handshake): (route: Route | undefined) => Uint8Array | undefined {
  return (route) => {
    const version = route?.sendProxy;
    if (version === undefined) return undefined;
    return isHidden(session)
      ? encodeHiddenHeader(version)
      : encodeProxyHeader(version, session.client, leg.local);
  };
}

function departureBy({ family }: Snapshot, source: readonly Ip[], route: Route | undefined): Departure {
  return { source, family: route?.family ?? family, device: route?.device, mark: route?.mark };
}

function ownPool({ session, snapshot }: Handshake): SourcePlan | undefined {
  return listFor(snapshot.policy.book, session.identity ?? ANONYMOUS, 'source');
}

const SYSTEM_CHOICE: readonly never[] = [];

/** At most one address for each family; none: the system's choice. */
function chooseSources({ session, leg, snapshot }: Handshake, pool: SourcePlan | undefined): readonly Ip[] {
  // The local address may cost a system call.
  if (pool === undefined) return SYSTEM_CHOICE;
  const { identity, client } = session;
  return snapshot.sources.choose(pool, { identity, client: client.ip, local: leg.local.ip });
}
