// Where a session leaves from.
import type { Ip } from '../base/ip.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { listFor } from '../policy/sections.ts';
import type { Handshake } from './session.ts';

/** At most one address for each family; none: the system's choice. Each call takes a turn. */
export function sourceOf({ session, leg, snapshot }: Handshake): readonly Ip[] {
  const { identity = ANONYMOUS } = session;
  const plan = listFor(snapshot.policy.book, identity, 'source');
  return snapshot.sources.choose(plan, { identity, client: session.client.ip, local: leg.local.ip });
}
