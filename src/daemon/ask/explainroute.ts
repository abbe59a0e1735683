// --explain: the way that a request takes to its destination.
import type { Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { losesDatagrams, takesDatagrams } from '../../config/model/way.ts';
import { formatWay } from '../../config/routes/routeways.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { hasProxies } from '../../net/routes/travel.ts';
import { routeOfAddress, routeOfName, type Carrier, type RouteTable } from '../../policy/rules/routes.ts';
import type { Asking } from '../../policy/rules/rules.ts';

/** The route by which the name travels to a proxy and is not looked up here; undefined: it is an address, or is looked up. */
export function routeForName(table: RouteTable, asking: Asking): Route | undefined {
  const { destination } = asking;
  const carrier = carrierOf(asking);
  if (carrier === undefined || destination.kind === 'ip') return undefined;
  const route = routeOfName(table, destination, carrier);
  return route !== undefined && route.names === 'remote' && hasProxies(route) ? route : undefined;
}

/** A line for the name or for each of `ips`, with the route and where it stands; none where there are no routes. */
export function explainRoutes(table: RouteTable, asking: Asking, ips: readonly Ip[]): readonly string[] {
  const carrier = carrierOf(asking);
  if (table === undefined || carrier === undefined) return [];
  return routesOf(table, asking, ips, carrier).map(({ ip, route }) => {
    const of = ip === undefined ? '' : ` of ${ip}`;
    return `  route${of}: ${describe(route, carrier)}`;
  });
}

/** Whether no route of the name or of `ips` leads what is sent there anywhere. */
export function isLost(table: RouteTable, asking: Asking, ips: readonly Ip[]): boolean {
  if (table === undefined || carrierOf(asking) !== 'udp') return false;
  const routes = routesOf(table, asking, ips, 'udp');
  return routes.length > 0 && routes.every(({ route }) => route !== undefined && losesDatagrams(route.ways));
}

interface Found {
  /** undefined: the name itself has a route. */
  readonly ip: Ip | undefined;
  readonly route: Route | undefined;
}

function routesOf(
  table: RouteTable,
  { command, destination }: Asking,
  ips: readonly Ip[],
  carrier: Carrier,
): readonly Found[] {
  const named = destination.kind === 'name' ? routeOfName(table, destination, carrier) : undefined;
  if (named !== undefined) return [{ ip: undefined, route: named }];
  const { port } = destination;
  // Zeros are nobody whom the rules could be asked about, but BIND follows their route.
  const places = command === 'bind' && destination.kind === 'ip' ? [destination.ip] : ips;
  return places.map((ip) => ({ ip, route: routeOfAddress(table, { ip, port }, carrier) }));
}

/** What a request sends along a route; undefined: nothing that follows routes by its destination. */
function carrierOf({ command }: Asking): Carrier | undefined {
  if (command === 'connect' || command === 'bind') return 'tcp';
  return command === 'assoc' ? 'udp' : undefined;
}

function describe(route: Route | undefined, carrier: Carrier): string {
  if (route === undefined) return 'straight: no route matches';
  return `${howBy(route, carrier)}: ${route.text} (${formatOrigin(route.origin)})`;
}

function howBy(route: Route, carrier: Carrier): string {
  if (!hasProxies(route)) return 'straight';
  if (carrier === 'udp' && losesDatagrams(route.ways)) return 'nowhere, its proxies take no datagrams';
  const usable = carrier === 'tcp' ? route.ways : route.ways.filter(takesDatagrams);
  return `through ${usable.map((way) => formatWay(way) ?? 'direct').join(' | ')}`;
}
