// How a destination is reached: straight, or through the proxies of the route that leads there. Without routes this is dial().
import type { Deadline } from '../../base/deadline.ts';
import type { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint } from '../../base/ip.ts';
import type { Route, Way } from '../../config/model/config.ts';
import { leavesStraight, wayTo, type Heading } from '../../policy/itinerary/itinerary.ts';
import type { Destination } from '../../protocol/address.ts';
import { bindingFor, dial, familyObjection, type Departure, type DialPlan } from '../dial/dial.ts';
import { bindChain, connectChain, type Connected, type ProxyPort } from '../proxies/chain.ts';
import type { Leg } from '../transport.ts';
import {
  partOf,
  travel,
  withHeader,
  type Journey,
  type Parties,
  type Routing,
  type TravelPlan,
} from './travel.ts';

export interface ReachPlan extends Omit<DialPlan, keyof Departure>, TravelPlan {
  /** Which the rules have allowed. */
  readonly heading: Heading;
  /** The ruling on looking the name up here after all, for a way of its route that has no proxies. */
  readonly admitHere: () => Fault | undefined;
}

export interface ProxyPortPlan extends TravelPlan {
  /** The route of the destination. */
  readonly route: Route;
  /** The host that is expected. */
  readonly destination: Destination;
}

export interface Reached {
  readonly leg: Leg;
  /** The address that answered; undefined: only a proxy knows it. */
  readonly endpoint: Endpoint | undefined;
  /** The end of the connection at the destination, as far as is known. */
  readonly bound: Endpoint | undefined;
  /** The one of several ways, or through proxies; undefined: there was nothing to choose. */
  readonly way: Way | undefined;
}

type ConnectedTo = Connected & Pick<Reached, 'endpoint'>;

/**
 * Connects within `deadline`, look-ups included; rejects as dial() does, or with what a proxy on the way did. Of several ways
 * the next one is tried where the proxies of one fail, as long as the deadline allows.
 */
export function reach(
  parties: Parties,
  routing: Routing,
  plan: ReachPlan,
  deadline: Deadline,
): Promise<Reached> {
  const { heading, destination } = plan;
  const journey = journeyOf(parties, routing, plan);
  return heading.kind === 'remote'
    ? reachThrough(journey, heading.route, destination, deadline)
    : dialEach(journey, plan, deadline);
}

/**
 * A port at the last proxy of a route, for a peer that comes from the destination (BIND); undefined: the way that is taken has
 * no proxy. `deadline` may be longer than what the proxies get to open it.
 */
export async function reachProxyPort(
  parties: Parties,
  routing: Routing,
  plan: ProxyPortPlan,
  deadline: Deadline,
): Promise<{ readonly arrived: ProxyPort | undefined; readonly way: Way }> {
  const part = partOf(deadline, plan.timeoutMs);
  const stay = (): Promise<undefined> => Promise.resolve(undefined);
  const journey: Journey<ProxyPort | undefined> = {
    ...parties,
    routing,
    plan,
    arrive: bindChain,
    goStraight: stay,
  };
  try {
    return await travel(journey, plan.route, plan.destination, part);
  } finally {
    part.clear();
  }
}

function journeyOf(parties: Parties, routing: Routing, plan: ReachPlan): Journey<ConnectedTo> {
  const { transport, resolver } = parties;
  return {
    ...parties,
    routing,
    plan,
    arrive: async (...asked) => ({ ...(await connectChain(...asked)), endpoint: undefined }),
    goStraight: async (destination, route, deadline) => {
      mustNot(plan.admitHere());
      const straight = { ...plan, ...plan.departureBy(route), destination };
      const leg = withHeader(plan, route, await dial(transport, resolver, straight, deadline));
      return { leg, endpoint: leg.remote, bound: leg.local };
    },
  };
}

/** dial(), with the route of each address in the place of the transport. */
async function dialEach(
  journey: Journey<ConnectedTo>,
  plan: ReachPlan,
  deadline: Deadline,
): Promise<Reached> {
  const { transport, resolver } = journey;
  const { heading } = plan;
  const arrived = new Map<Leg, Reached>();
  /** Legs that lead straight there. Only the one that is taken gets a header. */
  const routes = new Map<Leg, Route | undefined>();
  const dialler = {
    dial: async (endpoint: Endpoint, _from: unknown, attempt: Deadline): Promise<Leg> => {
      const passage = wayTo(heading, endpoint);
      if (passage.kind === 'straight') {
        const departure = plan.departureBy(passage.route);
        mustNot(familyObjection(familyOf(endpoint.ip), departure));
        const straight = await transport.dial(endpoint, bindingFor(departure, endpoint.ip), attempt);
        routes.set(straight, passage.route);
        return straight;
      }
      const reached = await reachThrough(journey, passage.route, { kind: 'ip', ...endpoint }, attempt);
      arrived.set(reached.leg, reached);
      return reached.leg;
    },
  };
  const leg = await dial(dialler, resolver, { ...plan, ...lookUpBy(plan) }, deadline);
  const reached = arrived.get(leg);
  if (reached !== undefined) return reached;
  withHeader(plan, routes.get(leg), leg);
  return { leg, endpoint: leg.remote, bound: leg.local, way: undefined };
}

/** The family that we use says nothing about an address that is asked for, which a proxy may reach. */
function lookUpBy({ destination, heading, departureBy }: ReachPlan): Departure {
  return destination.kind === 'ip' ? ANYHOW : departureOfLookUp(heading, departureBy);
}

const ANYHOW: Departure = { source: [], family: 'any' };

/**
 * Decides which families of a name are looked up: the departure to its addresses. Where they may be reached through proxies,
 * our own source addresses say nothing about what can be reached.
 */
export function departureOfLookUp(heading: Heading, departureBy: TravelPlan['departureBy']): Departure {
  const departure = departureBy(heading.route);
  return leavesStraight(heading) ? departure : { ...departure, source: [] };
}

async function reachThrough(
  journey: Journey<ConnectedTo>,
  route: Route,
  destination: Destination,
  deadline: Deadline,
): Promise<Reached> {
  const { arrived, way } = await travel(journey, route, destination, deadline);
  const endpoint = destination.kind === 'ip' ? destination : arrived.endpoint;
  return { leg: arrived.leg, endpoint, bound: arrived.bound, way };
}

function mustNot(denial: Fault | undefined): void {
  if (denial !== undefined) throw denial;
}
