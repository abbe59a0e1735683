// Along the ways of one route, through their proxies: of several ways the next one is tried where the proxies of one fail, as long
// as the deadline allows.
import { Deadline } from '../base/deadline.ts';
import { Fault, FAULTS, type FaultCode } from '../base/fault.ts';
import type { Hop, Route, Way } from '../config/config.ts';
import { formatHostPort } from '../config/hostport.ts';
import { formatWay } from '../config/routeways.ts';
import type { RouteTable } from '../policy/routes.ts';
import { destinationOf, type Destination } from '../protocol/address.ts';
import { dial, type DialPlan } from './dial.ts';
import type { Resolver } from './resolve.ts';
import type { Leg, Transport } from './transport.ts';
import type { Connected } from './upstream/chain.ts';
import { blamesDestination, HopFailure, type Credentials } from './upstream/talk.ts';
import type { ChainPlan, OpenChain } from './upstream/walk.ts';
import type { Ways } from './ways.ts';

/** The routes of a snapshot, and what they need. */
export interface Routing {
  readonly table: RouteTable;
  readonly ways: Ways;
  /** Our login at a proxy. */
  readonly credentials: (hop: Hop) => Credentials | undefined;
}

export interface TravelPlan extends Pick<DialPlan, 'client' | 'source'> {
  /** For the whole, as the deadline has it. */
  readonly timeoutMs: number;
  /** Told the proxies of each way that is tried. */
  readonly onWay: (via: string) => void;
}

export interface Parties {
  readonly transport: Transport;
  readonly resolver: Resolver;
}

/** One destination on its way. */
export interface Journey<Arrived extends Connected> extends Parties {
  readonly routing: Routing;
  readonly plan: TravelPlan;
  /** What is asked of the last proxy. */
  readonly arrive: (open: OpenChain, chain: ChainPlan, deadline: Deadline) => Promise<Arrived>;
}

/** Along one of the ways of a route. */
export async function travel<Arrived extends Connected>(
  journey: Journey<Arrived>,
  route: Route,
  destination: Destination,
  deadline: Deadline,
): Promise<{ readonly arrived: Arrived; readonly way: Way }> {
  const { routing, plan } = journey;
  const ways = routing.ways.order(route);
  let failure = new Fault('PROXY_UNREACHABLE', 'the route has no way');
  for (const [at, way] of ways.entries()) {
    const isLast = at === ways.length - 1;
    const part = isLast ? deadline : partOf(deadline, plan.timeoutMs / ways.length);
    const attempt = routing.ways.begin(way);
    plan.onWay(formatWay(way) ?? '');
    try {
      const arrived = await goWay(journey, way, destination, part);
      attempt.won();
      return { arrived, way };
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

async function goWay<Arrived extends Connected>(
  { transport, resolver, routing, plan, arrive }: Journey<Arrived>,
  { hops }: Way,
  destination: Destination,
  deadline: Deadline,
): Promise<Arrived> {
  const [first] = hops;
  if (first === undefined) throw new TypeError('a way without a proxy is not gone');
  const open = () => openHop({ transport, resolver }, first, plan, deadline);
  const chain = { hops, destination, credentials: routing.credentials, cover: coverNobody };
  return arrive(open, chain, deadline);
}

/** No route says TLS: its reader refuses it. */
function coverNobody(): Promise<never> {
  return Promise.reject(new TypeError('a proxy over TLS'));
}

/** The rules are not asked about a proxy: the operator has named it. */
async function openHop(
  { transport, resolver }: Parties,
  { host, port }: Hop,
  { client, source }: TravelPlan,
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
export function partOf(whole: Deadline, milliseconds: number): Deadline {
  const part = new Deadline(Math.max(1, milliseconds), 'CONNECT_TIMEOUT');
  whole.whenEnded((fault) => part.end(fault));
  return part;
}

/** Whether it leads anywhere but straight there. */
export function hasProxies({ ways }: Route): boolean {
  return ways.some(({ hops }) => hops.length > 0);
}

/** What is no Fault is a bug. */
function faultFrom(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  throw thrown;
}
