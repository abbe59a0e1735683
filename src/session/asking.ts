// Questions of a session to the rules, and their answers as faults.
import { Fault } from '../base/fault.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { itineraryOf, type Heading } from '../policy/itinerary/itinerary.ts';
import type { Asking, Ruling } from '../policy/rules/rules.ts';
import type { Denial } from '../policy/rules/ruling.ts';
import type { Destination } from '../protocol/address.ts';
import { isHidden } from './introduction.ts';
import type { Handshake, Snapshot } from './session.ts';

/** The question whether the client may do `command` with `destination`. */
export function askingOf(
  { session }: Handshake,
  command: Asking['command'],
  destination: Destination,
): Asking {
  const identity = session.identity ?? ANONYMOUS;
  return { identity, client: session.client.ip, isHidden: isHidden(session), command, destination };
}

/** undefined when allowed. */
export function denialOf(ruling: Ruling): Fault | undefined {
  return ruling.verdict === 'deny' ? faultOf(ruling) : undefined;
}

/** Gives the heading of the request; throws REQUEST_DENIED when the rules let it go nowhere. */
export function mustHead({ policy, routing }: Pick<Snapshot, 'policy' | 'routing'>, asking: Asking): Heading {
  const itinerary = itineraryOf(policy, routing?.table, asking);
  if (itinerary.kind === 'denied') throw faultOf(itinerary.ruling);
  return itinerary;
}

function faultOf({ code, rule }: Denial): Fault {
  return new Fault(code, rule);
}
