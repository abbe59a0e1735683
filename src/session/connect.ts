// CONNECT (RFC 1928 section 4): dial within one deadline, answer with the true BND, relay.
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import { ANY_IPV4, type Endpoint, type Ip } from '../base/ip.ts';
import { formatWay } from '../config/routeways.ts';
import { dial } from '../net/dial.ts';
import { reach, type Reached, type ReachPlan } from '../net/reach.ts';
import type { Relay } from '../net/transport.ts';
import { admitName, admitRequest, admitUnresolved } from '../policy/rules.ts';
import type { Destination } from '../protocol/address.ts';
import { REP } from '../protocol/codes.ts';
import { askingOf, denialOf } from './asking.ts';
import { mustAllow } from './refuse.ts';
import { reply } from './reply.ts';
import type { Handshake, Surroundings } from './session.ts';
import { departures } from './source.ts';

/** Connects and hands both sides to the relay. Rejects with the fault that the client is told as REP. */
export async function connect(
  handshake: Handshake,
  destination: Destination,
  surroundings: Surroundings,
): Promise<Relay> {
  if (destination.port === 0) throw new Fault('PORT_INVALID');
  const { session, leg, snapshot } = handshake;
  const deadline = new Deadline(snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
  handshake.deadline = deadline;
  leg.whenReset((fault) => deadline.end(fault));
  const target = await open(handshake, destination, surroundings);
  deadline.clear();
  session.dialled = target.endpoint;
  const { bound = NOWHERE } = target;
  reply(handshake, REP.SUCCEEDED, bound);
  surroundings.report({ kind: 'connected', session, bound });
  return surroundings.transport.relay(leg, target.leg, handshake.relayLimits);
}

/** What the client is told where a proxy does not say what it is bound to. */
const NOWHERE: Endpoint = { ip: ANY_IPV4, port: 0 };

type Target = Pick<Reached, 'leg' | 'endpoint' | 'bound'>;

/** Straight there, or where routes lead. */
async function open(
  handshake: Handshake,
  destination: Destination,
  surroundings: Surroundings,
): Promise<Target> {
  const { session, snapshot, deadline } = handshake;
  const { policy, routing } = snapshot;
  const departureBy = departures(handshake);
  const asking = askingOf(handshake, 'connect', destination);
  const admit = (ip: Ip): Fault | undefined => denialOf(admitRequest(policy, asking, ip));
  const plan = { destination, client: session.client.ip, admit };
  if (routing === undefined) {
    mustAllow(admitName(policy, asking));
    const straight = { ...plan, ...departureBy(undefined) };
    const { leg, endpoint } = await dial(surroundings.transport, surroundings.resolver, straight, deadline);
    return { leg, endpoint, bound: leg.local };
  }
  const routed: ReachPlan = {
    ...plan,
    departureBy,
    admitName: (lookUp) =>
      denialOf(lookUp === 'here' ? admitName(policy, asking) : admitUnresolved(policy, asking)),
    timeoutMs: snapshot.connectTimeoutMs,
    onWay: (via) => (session.via = via),
  };
  const reached = await reach(surroundings, routing, routed, deadline);
  session.via = reached.way && formatWay(reached.way);
  session.leaveWay = reached.way && routing.ways.enter(reached.way);
  return reached;
}
