// CONNECT (RFC 1928 section 4): dial within one deadline; the client is told the true BND.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { ANY_IPV4, type Endpoint } from '../../base/ip.ts';
import { formatWay } from '../../config/routes/routeways.ts';
import { dial, type DialPlan } from '../../net/dial/dial.ts';
import { reach, type Reached, type ReachPlan } from '../../net/routes/reach.ts';
import type { Routing } from '../../net/routes/travel.ts';
import type { Leg } from '../../net/transport.ts';
import { admitHeading } from '../../policy/itinerary/itinerary.ts';
import { admitRequest, type Asking, type Policy } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { askingOf, denialOf, mustHead } from '../asking.ts';
import type { Outcome } from '../outcome.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { departureOf, departures, headerBy } from '../source.ts';

/** Connects. Throws, or rejects with, the fault that the client is told as REP. Not async: every connection passes here. */
export function connect(
  handshake: Handshake,
  destination: Destination,
  surroundings: Surroundings,
): Promise<Outcome> {
  if (destination.port === 0) throw new Fault('PORT_INVALID');
  const { session, leg, snapshot } = handshake;
  const deadline = new Deadline(snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
  handshake.deadline = deadline;
  leg.whenReset((fault) => deadline.end(fault));
  const turn = surroundings.turnOf?.(session.client.ip);
  return turn === undefined
    ? go(handshake, destination, surroundings)
    : turn.then(() => go(handshake, destination, surroundings));
}

function go(handshake: Handshake, destination: Destination, surroundings: Surroundings): Promise<Outcome> {
  const { snapshot, deadline } = handshake;
  if (deadline.ended !== undefined) throw deadline.ended;
  const asking = askingOf(handshake, 'connect', destination);
  const { routing } = snapshot;
  return routing === undefined
    ? goStraight(handshake, asking, surroundings).then((leg) => arrive(handshake, arrivedBy(leg)))
    : goByRoute(handshake, asking, routing, surroundings).then((target) => arrive(handshake, target));
}

function arrive(handshake: Handshake, { leg, endpoint, bound = NOWHERE }: ConnectTarget): Outcome {
  handshake.deadline.clear();
  handshake.session.dialled = endpoint;
  return { kind: 'connected', told: bound, bound, target: leg };
}

type ConnectTarget = Pick<Reached, 'leg' | 'endpoint' | 'bound'>;

/** BND when a proxy does not tell its bound address. */
const NOWHERE: Endpoint = { ip: ANY_IPV4, port: 0 };

/** Most connections go this way, so it makes nothing that only routes need. */
function goStraight(
  handshake: Handshake,
  asking: Asking,
  { transport, resolver }: Surroundings,
): Promise<Leg> {
  const { snapshot, deadline } = handshake;
  mustHead(snapshot, asking);
  const { source, family, device, mark } = departureOf(handshake);
  const { destination, client } = asking;
  const admit = admission(snapshot.policy, asking);
  // Written out: spreads would cost twice as much as the rest of this function.
  const plan = { destination, client, admit, source, family, device, mark };
  return dial(transport, resolver, plan, deadline);
}

/** The target of a direct leg. */
function arrivedBy(leg: Leg): ConnectTarget {
  return { leg, endpoint: leg.remote, bound: leg.local };
}

async function goByRoute(
  handshake: Handshake,
  asking: Asking,
  routing: Routing,
  surroundings: Surroundings,
): Promise<ConnectTarget> {
  const { session, snapshot, deadline } = handshake;
  const { policy, connectTimeoutMs } = snapshot;
  const plan: ReachPlan = {
    heading: mustHead(snapshot, asking),
    destination: asking.destination,
    client: asking.client,
    admit: admission(policy, asking),
    departureBy: departures(handshake),
    headerBy: headerBy(handshake),
    admitHere: () => denialOf(admitHeading(policy, asking, 'look-up')),
    timeoutMs: connectTimeoutMs,
    onWay: (via) => (session.via = via),
  };
  const reached = await reach(surroundings, routing, plan, deadline);
  session.via = reached.way && formatWay(reached.way);
  session.leaveWay = reached.way && routing.ways.enter(reached.way);
  return reached;
}

/** The decision of the rules on each address. */
function admission(policy: Policy, asking: Asking): DialPlan['admit'] {
  return (ip) => denialOf(admitRequest(policy, asking, ip));
}
