// How a destination is reached: straight, or through the proxies of the route that leads there. Without routes this is dial().
import { Deadline } from '../base/deadline.ts';
import { Fault, FAULTS, type FaultCode } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Hop, Route, Way } from '../config/config.ts';
import { formatHostPort } from '../config/hostport.ts';
import { formatWay } from '../config/routeways.ts';
import { routeOfAddress, routeOfName, type RouteTable } from '../policy/routes.ts';
import { destinationOf, type Destination } from '../protocol/address.ts';
import { bindingFor, dial, type DialPlan } from './dial.ts';
import type { Resolver } from './resolve.ts';
import type { Leg, Transport } from './transport.ts';
import { connectChain } from './upstream/chain.ts';
import { blamesDestination, HopFailure, type Credentials } from './upstream/talk.ts';
import type { Ways } from './ways.ts';

/** The routes of a snapshot, and what they need. */
export interface Routing {
  readonly table: RouteTable;
  readonly ways: Ways;
  /** Our login at a proxy. */
  readonly credentials: (hop: Hop) => Credentials | undefined;
}

export interface ReachPlan extends DialPlan {
  /** What the rules say about a name before it is looked up here, or travels to a proxy that does. */
  readonly admitName: (lookUp: 'here' | 'remote') => Fault | undefined;
  /** For the whole, as the deadline has it. */
  readonly timeoutMs: number;
  /** Told the proxies of each way that is tried. */
  readonly onWay: (via: string) => void;
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

interface Parties {
  readonly transport: Transport;
  readonly resolver: Resolver;
}

/** One destination on its way. */
interface Journey extends Parties {
  readonly routing: Routing;
  readonly plan: ReachPlan;
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
  const journey: Journey = { ...parties, routing, plan };
  const named = destination.kind === 'name' ? routeOfName(routing.table, destination, 'tcp') : undefined;
  if (named !== undefined && named.names === 'remote' && hasProxies(named)) {
    mustNot(plan.admitName('remote'));
    return travel(journey, named, destination, deadline);
  }
  mustNot(plan.admitName('here'));
  return dialEach(journey, (endpoint) => named ?? routeOfAddress(routing.table, endpoint, 'tcp'), deadline);
}

/** dial(), with the route of each address in the place of the transport. */
async function dialEach(
  journey: Journey,
  routeOf: (endpoint: Endpoint) => Route | undefined,
  deadline: Deadline,
): Promise<Reached> {
  const { transport, resolver, plan } = journey;
  const arrived = new Map<Leg, Reached>();
  const dialler = {
    dial: async (endpoint: Endpoint, _from: unknown, attempt: Deadline): Promise<Leg> => {
      const route = routeOf(endpoint);
      if (route === undefined || !hasProxies(route)) {
        const from = bindingFor(plan.source, endpoint.ip);
        if (from instanceof Fault) throw from;
        return transport.dial(endpoint, from, attempt);
      }
      const reached = await travel(journey, route, { kind: 'ip', ...endpoint }, attempt);
      arrived.set(reached.leg, reached);
      return reached.leg;
    },
  };
  // Our own source addresses say nothing about what a proxy can reach.
  const { leg, endpoint } = await dial(dialler, resolver, { ...plan, source: [] }, deadline);
  return arrived.get(leg) ?? { leg, endpoint, bound: leg.local, way: undefined };
}

/** Through one of the ways of a route. */
async function travel(
  journey: Journey,
  route: Route,
  destination: Destination,
  deadline: Deadline,
): Promise<Reached> {
  const { routing, plan } = journey;
  const ways = routing.ways.order(route);
  let failure = new Fault('PROXY_UNREACHABLE', 'the route has no way');
  for (const [at, way] of ways.entries()) {
    const isLast = at === ways.length - 1;
    const part = isLast ? deadline : partOf(deadline, plan.timeoutMs / ways.length);
    const attempt = routing.ways.begin(way);
    plan.onWay(formatWay(way) ?? '');
    try {
      const { leg, bound } = await goWay(journey, way, destination, part);
      attempt.won();
      return { leg, endpoint: destination.kind === 'ip' ? destination : undefined, bound, way };
    } catch (thrown) {
      failure = faultFrom(thrown);
      const blames = deadline.ended === undefined || isTime(deadline.ended) ? blameOf(failure) : 'nobody';
      if (blames === 'way') attempt.lost(failure);
      else if (!isTime(failure)) throw failure;
    } finally {
      if (!isLast) part.clear();
    }
    if (deadline.ended !== undefined) throw failure;
  }
  throw failure;
}

async function goWay(
  { transport, resolver, routing, plan }: Journey,
  { hops }: Way,
  destination: Destination,
  deadline: Deadline,
): Promise<{ readonly leg: Leg; readonly bound: Endpoint | undefined }> {
  const [first] = hops;
  if (first === undefined) throw new TypeError('a way without a proxy is not gone');
  const open = () => openHop({ transport, resolver }, first, plan, deadline);
  const chain = { hops, destination, credentials: routing.credentials, cover: coverNobody };
  return connectChain(open, chain, deadline);
}

/** No route says TLS: its reader refuses it. */
function coverNobody(): Promise<never> {
  return Promise.reject(new TypeError('a proxy over TLS'));
}

/** The rules are not asked about a proxy: the operator has named it. */
async function openHop(
  { transport, resolver }: Parties,
  { host, port }: Hop,
  { client, source }: DialPlan,
  deadline: Deadline,
): Promise<Leg> {
  const destination = destinationOf(host, port);
  if (destination === undefined) throw new Fault('NAME_INVALID', `proxy ${host}`);
  try {
    const plan = { destination, client, source, admit: () => undefined };
    return (await dial(transport, resolver, plan, deadline)).leg;
  } catch (thrown) {
    const fault = faultFrom(thrown);
    if (isOurs(fault) || (fault === deadline.ended && !isTime(fault))) throw fault;
    const why = `proxy ${formatHostPort(host, port)}: ${FAULTS[fault.code]}`;
    throw new Fault(isTime(fault) ? fault.code : 'PROXY_UNREACHABLE', why);
  }
}

/** What says nothing about a proxy. */
const OURS: readonly FaultCode[] = [
  'RESOURCES_EXHAUSTED',
  'SOURCE_UNAVAILABLE',
  'CONNECT_FORBIDDEN',
  'FAMILY_UNSUPPORTED',
  'RESOLVER_BUSY',
];

function isOurs({ code }: Fault): boolean {
  return OURS.includes(code);
}

/** Whether another way might do better, and whose fault it is that this one did not. */
function blameOf(fault: Fault): 'way' | 'nobody' {
  if (blamesDestination(fault)) return 'nobody';
  const isKnown = fault.cause instanceof HopFailure || fault.code === 'PROXY_UNREACHABLE' || isTime(fault);
  return isKnown ? 'way' : 'nobody';
}

function isTime({ code }: Fault): boolean {
  return code === 'CONNECT_TIMEOUT';
}

/** A share of the time, which ends with the whole. */
function partOf(whole: Deadline, milliseconds: number): Deadline {
  const part = new Deadline(Math.max(1, milliseconds), 'CONNECT_TIMEOUT');
  whole.whenEnded((fault) => part.end(fault));
  return part;
}

function hasProxies({ ways }: Route): boolean {
  return ways.some(({ hops }) => hops.length > 0);
}

function mustNot(denial: Fault | undefined): void {
  if (denial !== undefined) throw denial;
}

/** What is no Fault is a bug. */
function faultFrom(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  throw thrown;
}
