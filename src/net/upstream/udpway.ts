// Datagrams through the proxies of one of the ways of a route: a socket towards the first one, and a connection to each, with
// which everything ends.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { Route } from '../../config/config.ts';
import { formatHostPort } from '../../config/hostport.ts';
import { takesDatagrams } from '../../config/way.ts';
import type { Destination } from '../../protocol/address.ts';
import { MAX_DATAGRAM_BYTES } from '../../protocol/datagram.ts';
import type { Departure } from '../dial.ts';
import type { OnDatagram, UdpSocket } from '../transport.ts';
import { travel, type Parties, type Routing, type TravelPlan } from '../travel.ts';
import { blamesDestination } from './talk.ts';
import { ANYWHERE, associateEach, type UdpHop } from './udpchain.ts';
import { unwrapDatagram, wrapHeaders, type Unwrapped } from './udpheaders.ts';
import type { ChainPlan, OpenChain } from './walk.ts';

/** Where datagrams leave through proxies. */
export interface UdpWay {
  /** Sends `payload` behind `header`, that of its target; says so where they have no room beside the headers for the proxies. */
  readonly send: (header: Uint8Array, payload: Uint8Array) => 'too-long' | undefined;
  /** `listener` hears once when a proxy ends it, at once where that has happened already. It still has to be closed. */
  readonly whenLost: (listener: () => void) => void;
  /** Gives everything back; to be called once. */
  readonly close: () => void;
}

/** Why something that came from a proxy is no answer. */
export type WrongAnswer = Exclude<Unwrapped['kind'], 'whole'>;

export interface UdpWayPlan extends TravelPlan {
  readonly route: Route;
  /** A socket towards a proxy. */
  readonly openSocket: (family: 4 | 6, from: Departure, onDatagram: OnDatagram) => Promise<UdpSocket>;
  /** Whether a proxy at `proxy` is believed that it takes datagrams at `relay`, which is another address. */
  readonly mayPointTo: (proxy: Ip, relay: Ip) => boolean;
  /** `source` is what the last proxy says; `payload` is the callee's only until it returns. */
  readonly onAnswer: (payload: Uint8Array, source: Destination) => void;
  readonly onWrong: (what: WrongAnswer) => void;
}

/**
 * Opens one of the ways of the route that take datagrams, of which there has to be one. Rejects with what the proxies of the last
 * one tried did, PROXY_WITHOUT_UDP among it, with what `openSocket` does, or why `deadline` ended.
 */
export async function openUdpWay(
  parties: Parties,
  routing: Routing,
  plan: UdpWayPlan,
  deadline: Deadline,
): Promise<UdpWay> {
  const journey = {
    ...parties,
    routing,
    plan,
    canGo: takesDatagrams,
    arrive: (open: OpenChain, chain: ChainPlan, limit: Deadline) => arrive(open, chain, plan, limit),
    goStraight: () => Promise.reject(new TypeError('a way without proxies takes no datagrams')),
  };
  const { arrived, way } = await travel(journey, plan.route, ANYWHERE, deadline);
  const leave = routing.ways.enter(way);
  return {
    ...arrived,
    close: () => {
      leave();
      arrived.close();
    },
  };
}

async function arrive(
  open: OpenChain,
  chain: ChainPlan,
  plan: UdpWayPlan,
  deadline: Deadline,
): Promise<UdpWay> {
  const hops = await associateEach(open, chain, deadline).catch(rethrow);
  try {
    return await beginAt(hops, firstRelay(hops, chain, plan), plan);
  } catch (failure) {
    closeAll(hops);
    throw failure;
  }
}

/** An answer to UDP ASSOCIATE says something about the proxy, where one to CONNECT does about the destination. */
function rethrow(failure: unknown): never {
  const isRefusal = failure instanceof Fault && blamesDestination(failure);
  throw isRefusal ? new Fault('PROXY_WITHOUT_UDP', failure.cause) : failure;
}

/** Datagrams go to any address that the first proxy says, so that it has to be one that it may say. */
function firstRelay([first]: readonly UdpHop[], { hops }: ChainPlan, { mayPointTo }: UdpWayPlan): Endpoint {
  const [hop] = hops;
  if (first === undefined || hop === undefined) throw new TypeError('a chain without a proxy');
  const { control, relay } = first;
  const proxy = `proxy ${formatHostPort(hop.host, hop.port)}`;
  if (relay.kind === 'name') {
    throw new Fault(
      'PROXY_WITHOUT_UDP',
      `${proxy}: says that it takes them at ${relay.name}, which is no address`,
    );
  }
  if (relay.port === 0) throw new Fault('PROXY_WITHOUT_UDP', `${proxy}: says that it takes them at port 0`);
  if (relay.ip === control.remote.ip || mayPointTo(control.remote.ip, relay.ip)) return relay;
  const where = formatEndpoint(relay);
  throw new Fault(
    'PROXY_WITHOUT_UDP',
    `${proxy}: says that it takes them at ${where}, which is more private than itself`,
  );
}

const STRANGER: Unwrapped = { kind: 'stranger' };

async function beginAt(hops: readonly UdpHop[], first: Endpoint, plan: UdpWayPlan): Promise<UdpWay> {
  const further = hops.slice(1).map(({ relay }) => relay);
  const family = familyOf(first.ip);
  const socket = await plan.openSocket(family, departureTo(first, hops, plan), (bytes, from) => {
    const isStranger = from.ip !== first.ip || from.port !== first.port;
    const answer = isStranger ? STRANGER : unwrapDatagram(bytes, further);
    if (answer.kind === 'whole') plan.onAnswer(answer.payload, answer.source);
    else plan.onWrong(answer.kind);
  });
  const head = wrapHeaders(further);
  const room = MAX_DATAGRAM_BYTES[family] - head.length;
  return {
    send: (header, payload) => {
      if (header.length + payload.length > room) return 'too-long';
      socket.send(concatBytes(head, header), payload, first);
      return undefined;
    },
    whenLost: (listener) => watchAll(hops, listener),
    close: () => {
      socket.close();
      closeAll(hops);
    },
  };
}

/** From the address that the proxy knows us by: it takes datagrams of no other (V5-32). */
function departureTo(
  relay: Endpoint,
  [first]: readonly UdpHop[],
  { route, departureBy }: UdpWayPlan,
): Departure {
  const departure = departureBy(route);
  const known = first?.control;
  return known?.remote.ip === relay.ip ? { ...departure, source: [known.local.ip] } : departure;
}

function watchAll(hops: readonly UdpHop[], listener: () => void): void {
  const end = new Deadline(0, 'PROXY_CLOSED');
  end.whenEnded(listener);
  for (const { control } of hops) {
    // Whoever listens may have closed all of them.
    if (end.ended === undefined) control.watch((fault) => end.end(fault));
  }
}

function closeAll(hops: readonly UdpHop[]): void {
  for (const { control } of hops) control.close('fin');
}
