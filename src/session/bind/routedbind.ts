// The place where BIND waits: here, or at the last proxy of the route to the expected host, which then decides who may connect.
// One of several ways may be direct, and then it is here after all.
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { formatWay } from '../../config/routes/routeways.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import type { ProxyPort } from '../../net/proxies/chain.ts';
import { reachProxyPort } from '../../net/routes/reach.ts';
import type { Routing } from '../../net/routes/travel.ts';
import type { Leg } from '../../net/transport.ts';
import { admitHeading, wayTo } from '../../policy/itinerary/itinerary.ts';
import type { Asking } from '../../policy/rules/asking.ts';
import { admitRequest } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { denialOf, mustHead } from '../asking.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Snapshot, Surroundings } from '../session.ts';
import { departures, headerBy } from '../source.ts';
import { expectPeers, type Expected } from './expected.ts';
import { tellPort } from './firstreply.ts';

export type BindPlace =
  | {
      readonly kind: 'here';
      readonly expected: Expected;
      /** The route of connections to the peer; undefined when there is none. */
      readonly route: Route | undefined;
    }
  | {
      readonly kind: 'proxy';
      readonly routing: Routing;
      readonly route: Route;
      readonly destination: Destination;
      /** The expected peers, for a way that turns out to be direct. */
      readonly expect: () => Promise<Expected>;
    };

export interface AcceptedPeer {
  readonly leg: Leg;
  /** undefined when only the proxy knows it. */
  readonly peer: Endpoint | undefined;
  /** The address that waited for it. */
  readonly bound: Endpoint;
}

/**
 * Decides by the route of the host in `asking`, whose name is looked up unless it travels to a proxy; of several addresses
 * the first that the rules allow decides. Rejects as expectPeers() does.
 */
export async function chooseBindPlace(
  snapshot: Snapshot,
  asking: Asking,
  resolver: Resolver,
): Promise<BindPlace> {
  const { policy, routing } = snapshot;
  const { destination } = asking;
  const heading = mustHead(snapshot, asking);
  if (heading.kind === 'remote' && routing !== undefined) {
    const expect = async (): Promise<Expected> => {
      mustAllow(admitHeading(policy, asking, 'look-up'));
      return expectPeers(policy, asking, resolver);
    };
    return { kind: 'proxy', routing, route: heading.route, destination, expect };
  }
  const expected = await expectPeers(policy, asking, resolver);
  const ip = firstExpected(destination, expected);
  if (routing === undefined || ip === undefined) return { kind: 'here', expected, route: undefined };
  const goal = { kind: 'ip', ip, port: destination.port } as const;
  const { kind, route } = wayTo(heading, goal);
  if (kind === 'straight') return { kind: 'here', expected, route };
  const expect = () => Promise.resolve(expected);
  return { kind: 'proxy', routing, route, destination: goal, expect };
}

/**
 * Waits at the proxy; undefined: the chosen way is direct. Rejects with a fault of the proxies, with the verdict of the rules on the
 * peer, or with FAMILY_UNSUPPORTED if the port has an IPv6 address and the client speaks SOCKS4.
 */
export async function acceptAtProxy(
  handshake: Handshake,
  asking: Asking,
  { routing, route, destination }: Extract<BindPlace, { kind: 'proxy' }>,
  { transport, resolver, report }: Surroundings,
): Promise<AcceptedPeer | undefined> {
  const { session, snapshot, deadline } = handshake;
  const plan = {
    client: session.client.ip,
    departureBy: departures(handshake),
    headerBy: headerBy(handshake),
    timeoutMs: snapshot.connectTimeoutMs,
    onWay: (via: string | undefined) => (session.via = via),
    route,
    destination,
  };
  const { arrived, way } = await reachProxyPort({ transport, resolver }, routing, plan, deadline);
  session.via = formatWay(way);
  session.leaveWay = routing.ways.enter(way);
  session.isBoundByName = arrived !== undefined && destination.kind === 'name';
  return arrived && awaitPeer(handshake, asking, arrived, report);
}

async function awaitPeer(
  handshake: Handshake,
  asking: Asking,
  { leg, bound, peer: hearPeer }: ProxyPort,
  report: Surroundings['report'],
): Promise<AcceptedPeer> {
  const { session, snapshot, deadline, dialect } = handshake;
  if (!dialect.families.includes(familyOf(bound.ip))) {
    leg.close('reset');
    throw new Fault('FAMILY_UNSUPPORTED', 'the proxy waits at an IPv6 address');
  }
  tellPort(handshake, bound, report);
  const peer = await hearPeer(deadline);
  const isAsked = peer !== undefined && session.isBoundByName !== true;
  const denial = isAsked ? denialOf(admitRequest(snapshot.policy, asking, peer.ip)) : undefined;
  if (denial === undefined) return { leg, peer, bound };
  leg.close('reset');
  throw denial;
}

function firstExpected(destination: Destination, expected: Expected): Ip | undefined {
  return destination.kind === 'ip' ? destination.ip : expected?.values().next().value;
}
