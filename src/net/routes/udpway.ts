// A way for datagrams through the proxies of a route: of several ways the first one whose proxies all take them.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Route } from '../../config/model/config.ts';
import { takesDatagrams } from '../../config/model/way.ts';
import { blamesDestination } from '../proxies/talk.ts';
import { ANYWHERE, associateEach } from '../proxies/udpchain.ts';
import { firstRelay, type MayPointTo } from '../proxies/udprelay.ts';
import { openChainSocket, type UdpSocketPlan, type UdpWay } from '../proxies/udpsocket.ts';
import type { ChainPlan, OpenChain } from '../proxies/walk.ts';
import { travel, type Parties, type Routing, type TravelPlan } from './travel.ts';

export interface UdpWayPlan extends TravelPlan, UdpSocketPlan {
  readonly route: Route;
  readonly mayPointTo: MayPointTo;
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
    const [first] = hops;
    const [hop] = chain.hops;
    if (first === undefined || hop === undefined) throw new TypeError('a chain without a proxy');
    const relay = firstRelay(first, hop, plan.mayPointTo);
    return await openChainSocket({ hops, relay }, plan.departureBy(plan.route), plan);
  } catch (failure) {
    for (const { control } of hops) control.close('reset');
    throw failure;
  }
}

/** An answer to UDP ASSOCIATE says something about the proxy, where one to CONNECT does about the destination. */
function rethrow(failure: unknown): never {
  const isRefusal = failure instanceof Fault && blamesDestination(failure);
  throw isRefusal ? new Fault('PROXY_WITHOUT_UDP', failure.cause) : failure;
}
