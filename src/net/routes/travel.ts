// Along the ways of one route, through their proxies or straight: of several ways the next one is tried where the proxies of one
// fail, or nothing answers straight, as long as the deadline allows.
import type { SecureContext } from 'node:tls';
import { Deadline } from '../../base/deadline.ts';
import { Fault, FAULTS, type FaultCode } from '../../base/fault.ts';
import type { Endpoint, Ip } from '../../base/ip.ts';
import { parseZonedIp } from '../../base/zoned.ts';
import type { Hop, Route, Way } from '../../config/model/config.ts';
import { formatWay } from '../../config/routes/routeways.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import type { RouteTable } from '../../policy/itinerary/routes.ts';
import { destinationOf, type Destination } from '../../protocol/address.ts';
import { dial, type Departure, type DialPlan } from '../dial/dial.ts';
import type { Resolver } from '../names/resolve.ts';
import { blamesDestination, HopFailure, type Credentials, type Talk } from '../proxies/talk.ts';
import { coverLeg } from '../proxies/tls.ts';
import type { ChainPlan, OpenChain } from '../proxies/walk.ts';
import type { Leg, Transport } from '../transport.ts';
import type { Ways } from './ways.ts';

/** The routes of a snapshot, and what they need. */
export interface Routing {
  readonly table: RouteTable;
  readonly ways: Ways;
  /** Our login at a proxy. */
  readonly credentials: (hop: Hop) => Credentials | undefined;
  /** Whose certificates proxies may have; undefined: as Node has it. */
  readonly trust: SecureContext | undefined;
  /** Whether one of our own listeners is there: no first proxy may be that. */
  readonly isSelf: (endpoint: Endpoint) => boolean;
}

export interface TravelPlan {
  readonly client: Ip;
  /** How to leave this host by a route, or without one. */
  readonly departureBy: (route: Route | undefined) => Departure;
  /** The header that a route sends ahead of everything; absent: none does. */
  readonly headerBy?: (route: Route | undefined) => Uint8Array | undefined;
  /** For the whole, as the deadline has it. */
  readonly timeoutMs: number;
  /** Called with the proxies of each way that is tried; undefined: it leads straight there. */
  readonly onWay: (via: string | undefined) => void;
}

export interface Parties {
  readonly transport: Transport;
  readonly resolver: Resolver;
}

/** One destination on its way. */
export interface Journey<Arrived> extends Parties {
  readonly routing: Routing;
  readonly plan: TravelPlan;
  /** The command for the last proxy. */
  readonly arrive: (open: OpenChain, chain: ChainPlan, deadline: Deadline) => Promise<Arrived>;
  /** Ways that cannot be gone are left out; absent: all can. */
  readonly canGo?: (way: Way) => boolean;
  /** Where a way of the route has no proxies. */
  readonly goStraight: (destination: Destination, route: Route, deadline: Deadline) => Promise<Arrived>;
}

/** Along one of the ways of a route. */
export async function travel<Arrived>(
  journey: Journey<Arrived>,
  route: Route,
  destination: Destination,
  deadline: Deadline,
): Promise<{ readonly arrived: Arrived; readonly way: Way }> {
  const { routing, plan, canGo = () => true } = journey;
  const ways = routing.ways.order(route).filter(canGo);
  let failure = new Fault('PROXY_UNREACHABLE', 'the route has no way');
  for (const [at, way] of ways.entries()) {
    const isLast = at === ways.length - 1;
    const part = isLast ? deadline : partOf(deadline, plan.timeoutMs / ways.length);
    const attempt = routing.ways.begin(way);
    plan.onWay(formatWay(way));
    try {
      const arrived = await goWay(journey, { route, way, destination }, part);
      attempt.won();
      return { arrived, way };
    } catch (thrown) {
      failure = faultFrom(thrown);
      const blames =
        deadline.ended === undefined || isTimeFault(deadline.ended) ? blameOf(failure, way) : 'nobody';
      if (blames === 'way') attempt.lost(failure);
      else if (blames === 'nobody' && part.ended === undefined) throw failure;
    } finally {
      if (!isLast) part.clear();
    }
    if (deadline.ended !== undefined) throw failure;
  }
  throw failure;
}

/** One way of a route to a destination. */
interface WayTo {
  readonly route: Route;
  readonly way: Way;
  readonly destination: Destination;
}

async function goWay<Arrived>(
  { transport, resolver, routing, plan, arrive, goStraight }: Journey<Arrived>,
  { route, way: { hops }, destination }: WayTo,
  deadline: Deadline,
): Promise<Arrived> {
  const [first] = hops;
  if (first === undefined) return goStraight(destination, route, deadline);
  const departure = { ...plan.departureBy(route), client: plan.client };
  const { credentials, trust, isSelf } = routing;
  const admit = (ip: Ip) => (isSelf({ ip, port: first.port }) ? new Fault('PROXY_IS_SELF') : undefined);
  const open = async () =>
    withHeader(plan, route, await openHop({ transport, resolver }, first, { ...departure, admit }, deadline));
  const chain = { hops, destination, credentials, cover: (talk: Talk) => coverLeg(talk, trust) };
  return arrive(open, chain, deadline);
}

/** `leg`, on which nothing has been sent yet, with the header of the route on its way. */
export function withHeader({ headerBy }: TravelPlan, route: Route | undefined, leg: Leg): Leg {
  const header = headerBy?.(route);
  if (header !== undefined) leg.write(header);
  return leg;
}

/** The rules are not asked about a proxy, nor is the family of its address: the operator has named it. */
async function openHop(
  { transport, resolver }: Parties,
  { host, port }: Hop,
  departure: Departure & Pick<DialPlan, 'client' | 'admit'>,
  deadline: Deadline,
): Promise<Leg> {
  const ip = parseZonedIp(host);
  const destination = ip === undefined ? destinationOf(host, port) : { kind: 'ip' as const, ip, port };
  if (destination === undefined) throw new Fault('NAME_INVALID', `proxy ${host}`);
  const family = destination.kind === 'ip' ? 'any' : departure.family;
  try {
    const plan = { ...departure, destination, family };
    return await dial(transport, resolver, plan, deadline);
  } catch (thrown) {
    const fault = faultFrom(thrown);
    if (isOurs(fault) || (fault === deadline.ended && !isTimeFault(fault))) throw fault;
    const why = `proxy ${formatHostPort(host, port)}: ${FAULTS[fault.code]}`;
    throw new Fault(isTimeFault(fault) ? fault.code : 'PROXY_UNREACHABLE', why);
  }
}

/** Faults that say nothing about a proxy. */
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

/**
 * Whose fault it is, so that another way might do better: with `way` these proxies are tried last for a while, `luck` says
 * nothing about the next session. `nobody`: no other way is tried.
 */
function blameOf(fault: Fault, { hops }: Way): 'way' | 'luck' | 'nobody' {
  if (hops.length === 0) return NOT_STRAIGHT.includes(fault.code) ? 'luck' : 'nobody';
  if (fault.code === 'PROXY_WITHOUT_UDP') return 'luck';
  if (blamesDestination(fault)) return 'nobody';
  if (NOT_FROM_HERE.includes(fault.code)) return 'luck';
  const isKnown =
    fault.cause instanceof HopFailure || fault.code === 'PROXY_UNREACHABLE' || isTimeFault(fault);
  return isKnown ? 'way' : 'nobody';
}

/** No address of this host leads to that proxy; one to the next may. */
const NOT_FROM_HERE: readonly FaultCode[] = ['FAMILY_UNSUPPORTED', 'SOURCE_UNAVAILABLE'];

/** Faults of destinations that a proxy may reach though this host does not. A denial by the rules is no reason to ask one. */
const NOT_STRAIGHT: readonly FaultCode[] = [
  'NAME_NOT_FOUND',
  'RESOLVER_FAILED',
  'NETWORK_UNREACHABLE',
  'HOST_UNREACHABLE',
  'CONNECTION_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECT_FAILED',
  ...NOT_FROM_HERE,
];

function isTimeFault({ code }: Fault): boolean {
  return code === 'CONNECT_TIMEOUT';
}

/** A share of the time, which ends with the whole. */
export function partOf(whole: Deadline, milliseconds: number): Deadline {
  const part = new Deadline(Math.max(1, milliseconds), 'CONNECT_TIMEOUT');
  whole.whenEnded((fault) => part.end(fault));
  return part;
}

/** Anything but a Fault is a bug. */
function faultFrom(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  throw thrown;
}
