// How a destination is reached: straight, or through the proxies of the route that leads there. Without routes this is dial().
import type { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Route, Way } from '../config/config.ts';
import { routeOfAddress, routeOfName } from '../policy/routes.ts';
import type { Destination } from '../protocol/address.ts';
import { bindingFor, dial, type DialPlan } from './dial.ts';
import type { Leg } from './transport.ts';
import {
  hasProxies,
  partOf,
  travel,
  type Journey,
  type Parties,
  type Routing,
  type TravelPlan,
} from './travel.ts';
import { bindChain, connectChain, type Connected, type Meeting } from './upstream/chain.ts';

export interface ReachPlan extends DialPlan, TravelPlan {
  /** What the rules say about a name before it is looked up here, or travels to a proxy that does. */
  readonly admitName: (lookUp: 'here' | 'remote') => Fault | undefined;
}

export interface MeetingPlan extends TravelPlan {
  /** Of the destination. */
  readonly route: Route;
  /** Who is expected. */
  readonly destination: Destination;
}

export interface Reached {
  readonly leg: Leg;
  /** The address that answered; undefined: only a proxy knows it. */
  readonly endpoint: Endpoint | undefined;
  /** The end of the connection at the destination, as far as is known. */
  readonly bound: Endpoint | undefined;
  /** The way through proxies; undefined: it was reached straight. */
  readonly way: Way | undefined;
}

/**
 * Connects within `deadline`, look-ups included; rejects as dial() does, or with what a proxy on the way did. Of several ways
 * the next one is tried where the proxies of one fail, as long as the deadline allows.
 */
export async function reach(
  parties: Parties,
  routing: Routing,
  plan: ReachPlan,
  deadline: Deadline,
): Promise<Reached> {
  const { destination } = plan;
  const journey = { ...parties, routing, plan, arrive: connectChain };
  const named = destination.kind === 'name' ? routeOfName(routing.table, destination, 'tcp') : undefined;
  if (named !== undefined && named.names === 'remote' && hasProxies(named)) {
    mustNot(plan.admitName('remote'));
    return reachThrough(journey, named, destination, deadline);
  }
  mustNot(plan.admitName('here'));
  return dialEach(
    journey,
    plan,
    (endpoint) => named ?? routeOfAddress(routing.table, endpoint, 'tcp'),
    deadline,
  );
}

/**
 * A port at the last proxy of a route, for somebody who comes from the destination (BIND). `deadline` may be longer than what
 * the proxies get to open it.
 */
export async function reachMeeting(
  parties: Parties,
  routing: Routing,
  plan: MeetingPlan,
  deadline: Deadline,
): Promise<{ readonly arrived: Meeting; readonly way: Way }> {
  const part = partOf(deadline, plan.timeoutMs);
  try {
    return await travel({ ...parties, routing, plan, arrive: bindChain }, plan.route, plan.destination, part);
  } finally {
    part.clear();
  }
}

/** dial(), with the route of each address in the place of the transport. */
async function dialEach(
  journey: Journey<Connected>,
  plan: ReachPlan,
  routeOf: (endpoint: Endpoint) => Route | undefined,
  deadline: Deadline,
): Promise<Reached> {
  const { transport, resolver } = journey;
  const arrived = new Map<Leg, Reached>();
  const dialler = {
    dial: async (endpoint: Endpoint, _from: unknown, attempt: Deadline): Promise<Leg> => {
      const route = routeOf(endpoint);
      if (route === undefined || !hasProxies(route)) {
        const from = bindingFor(plan.source, endpoint.ip);
        if (from instanceof Fault) throw from;
        return transport.dial(endpoint, from, attempt);
      }
      const reached = await reachThrough(journey, route, { kind: 'ip', ...endpoint }, attempt);
      arrived.set(reached.leg, reached);
      return reached.leg;
    },
  };
  // Our own source addresses say nothing about what a proxy can reach.
  const { leg, endpoint } = await dial(dialler, resolver, { ...plan, source: [] }, deadline);
  return arrived.get(leg) ?? { leg, endpoint, bound: leg.local, way: undefined };
}

async function reachThrough(
  journey: Journey<Connected>,
  route: Route,
  destination: Destination,
  deadline: Deadline,
): Promise<Reached> {
  const { arrived, way } = await travel(journey, route, destination, deadline);
  const endpoint = destination.kind === 'ip' ? destination : undefined;
  return { leg: arrived.leg, endpoint, bound: arrived.bound, way };
}

function mustNot(denial: Fault | undefined): void {
  if (denial !== undefined) throw denial;
}
