// --explain: the way that a request takes to its destination.
import type { Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { hasProxies, losesDatagrams, takesDatagrams } from '../../config/model/way.ts';
import { formatWay } from '../../config/routes/routeways.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { carrierOf, headingOf, isForAnybody, wayTo, type Heading } from '../../policy/itinerary/itinerary.ts';
import { routeWithoutUdp, type Traffic, type RouteTable } from '../../policy/itinerary/routes.ts';
import type { Asking } from '../../policy/rules/rules.ts';

/** The part of the routes in a request before its addresses are known. */
export interface Direction {
  readonly heading: Heading;
  /** The route because of which UDP ASSOCIATE is refused, whatever the targets; undefined when there is none. */
  readonly barrier: Route | undefined;
}

export function directionOf(table: RouteTable, { command, destination }: Asking): Direction {
  const carrier = carrierOf(command);
  const barrier = carrier === 'udp' ? routeWithoutUdp(table) : undefined;
  return { heading: headingOf(table, destination, carrier), barrier };
}

/** A line for the name or for each of `ips`, with the route and where it stands; none where there are no routes. */
export function explainRoutes(direction: Direction, asking: Asking, ips: readonly Ip[]): readonly string[] {
  const carrier = carrierOf(asking.command);
  if (carrier === undefined) return [];
  return routesOf(direction, asking, ips).map(({ ip, route }) => {
    const of = ip === undefined ? '' : ` of ${ip}`;
    return `  route${of}: ${describeRoute(route, carrier)}`;
  });
}

/** Whether no route of the name or of `ips` leads anywhere. */
export function isLost(direction: Direction, asking: Asking, ips: readonly Ip[]): boolean {
  if (carrierOf(asking.command) !== 'udp') return false;
  const routes = routesOf(direction, asking, ips);
  return routes.length > 0 && routes.every(({ route }) => loses(route));
}

interface Found {
  /** undefined when the name itself has a route. */
  readonly ip: Ip | undefined;
  readonly route: Route | undefined;
}

function routesOf({ heading, barrier }: Direction, asking: Asking, ips: readonly Ip[]): readonly Found[] {
  const found = routesBy(heading, asking, ips);
  if (barrier === undefined) return found;
  if (found.length === 0) return [{ ip: undefined, route: barrier }];
  return found.map(({ ip, route }) => ({ ip, route: loses(route) ? route : barrier }));
}

function routesBy(heading: Heading, asking: Asking, ips: readonly Ip[]): readonly Found[] {
  if (heading.kind === 'remote' || heading.route !== undefined)
    return [{ ip: undefined, route: heading.route }];
  if (heading.table === undefined) return [];
  const { destination } = asking;
  const { port } = destination;
  // Zeros are no peer that rules could decide on, but BIND follows their route.
  const places = isForAnybody(asking) && destination.kind === 'ip' ? [destination.ip] : ips;
  return places.map((ip) => ({ ip, route: wayTo(heading, { ip, port }).route }));
}

function loses(route: Route | undefined): boolean {
  return route !== undefined && losesDatagrams(route.ways);
}

function describeRoute(route: Route | undefined, carrier: Traffic): string {
  if (route === undefined) return 'straight: no route matches';
  return `${howBy(route, carrier)}: ${route.text} (${formatOrigin(route.origin)})`;
}

function howBy(route: Route, carrier: Traffic): string {
  if (!hasProxies(route)) return 'straight';
  if (carrier === 'udp' && losesDatagrams(route.ways)) return 'nowhere, its proxies take no datagrams';
  const usable = carrier === 'tcp' ? route.ways : route.ways.filter(takesDatagrams);
  return `through ${usable.map((way) => formatWay(way) ?? 'direct').join(' | ')}`;
}
