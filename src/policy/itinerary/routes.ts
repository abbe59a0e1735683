// The route to a destination: the first that matches, in the order of the configuration. A name is matched against names and `*`
// first, and only without a match by its addresses.
import type { Endpoint } from '../../base/ip.ts';
import type { PortRange, Route } from '../../config/model/config.ts';
import { losesDatagrams } from '../../config/model/way.ts';
import type { Destination } from '../../protocol/address.ts';
import { staysHere } from '../../protocol/specialnames.ts';
import { isNamed, type Goal } from '../rules/lists.ts';
import { addressOfIp, compileSpan, spanHolds } from '../rules/span.ts';

/** Routes prepared for matching; undefined when there are none. */
export type RouteTable =
  (Readonly<Record<Traffic, readonly RouteMatcher[]>> & { readonly onNearMiss: OnNearMiss }) | undefined;

/**
 * Hears of a route that srelay would have taken for `name`: it compares ends of names without regard to labels, so that
 * `c-wind.com` is the route of `xc-wind.com`, too. Here it is not.
 */
export type OnNearMiss = (route: Route, name: string) => void;

/** The traffic to the destination: a stream, or datagrams. */
export type Traffic = 'tcp' | 'udp';

interface RouteMatcher {
  readonly goal: Goal;
  readonly ports: PortRange | undefined;
  readonly route: Route;
}

export function compileRoutes(
  routes: readonly Route[],
  onNearMiss: OnNearMiss = () => undefined,
): RouteTable {
  if (routes.length === 0) return undefined;
  const matchersOf = (carrier: Traffic): readonly RouteMatcher[] =>
    routes.filter((route) => route.carrier === 'any' || route.carrier === carrier).map(compileRoute);
  return { tcp: matchersOf('tcp'), udp: matchersOf('udp'), onNearMiss };
}

/**
 * The route to a name, as far as the name alone says; undefined: its addresses say it. A name of this host takes none, whatever
 * lines there are: another host would take it for itself.
 */
export function routeOfName(
  table: RouteTable,
  destination: Extract<Destination, { kind: 'name' }>,
  carrier: Traffic,
): Route | undefined {
  if (table === undefined) return undefined;
  if (staysHere(destination.name)) return STAYS_HERE;
  return table[carrier].find(({ goal, ports, route }) => {
    if (goal.kind === 'addresses' || !holdsPort(ports, destination.port)) return false;
    if (isNamed(goal, destination)) return true;
    if (isNearMiss(goal, destination.name)) table.onNearMiss(route, destination.name);
    return false;
  })?.route;
}

/** The route to an address, be it one of a name that no route knows; undefined: directly. */
export function routeOfAddress(
  table: RouteTable,
  { ip, port }: Endpoint,
  carrier: Traffic,
): Route | undefined {
  if (table === undefined) return undefined;
  const address = addressOfIp(ip);
  return table[carrier].find(({ goal, ports }) => {
    if (!holdsPort(ports, port)) return false;
    return goal.kind === 'addresses' ? spanHolds(goal.span, address) : goal.kind === 'any';
  })?.route;
}

/**
 * The route that leaves no datagram a way, because those that reach it find no proxies that take any and all the ones before it
 * are of that kind, too; undefined: there is a way for some.
 */
export function routeWithoutUdp(table: RouteTable): Route | undefined {
  for (const { goal, ports, route } of table?.udp ?? []) {
    if (!losesDatagrams(route.ways)) return undefined;
    if (goal.kind === 'any' && ports === undefined) return route;
  }
  return undefined;
}

/** Straight, for names of special use. */
const STAYS_HERE: Route = {
  place: { kind: 'any' },
  ports: undefined,
  carrier: 'any',
  ways: [{ hops: [] }],
  pick: 'failover',
  names: 'local',
  source: undefined,
  family: undefined,
  device: undefined,
  mark: undefined,
  sendProxy: undefined,
  origin: { file: 'RFC 6761' },
  text: 'names below localhost and invalid stay here',
};

function isNearMiss(goal: Goal, name: string): boolean {
  return goal.kind === 'suffix' && name.endsWith(goal.suffix.slice(1));
}

function compileRoute(route: Route): RouteMatcher {
  const { place, ports } = route;
  const goal: Goal =
    place.kind === 'addresses' ? { kind: 'addresses', span: compileSpan(place.span) } : place;
  return { goal, ports, route };
}

function holdsPort(ports: PortRange | undefined, port: number): boolean {
  return ports === undefined || (ports.low <= port && port <= ports.high);
}
