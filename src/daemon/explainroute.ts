// --explain: the way that a request takes to its destination.
import type { Ip } from '../base/ip.ts';
import type { Route } from '../config/config.ts';
import { formatOrigin } from '../config/problem.ts';
import { formatWay } from '../config/routeways.ts';
import { takesDatagrams } from '../config/way.ts';
import { hasProxies } from '../net/travel.ts';
import { routeOfAddress, routeOfName, type Carrier, type RouteTable } from '../policy/routes.ts';
import type { Asking } from '../policy/rules.ts';

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
  const { destination } = asking;
  const carrier = carrierOf(asking);
  if (table === undefined || carrier === undefined) return [];
  const named = destination.kind === 'name' ? routeOfName(table, destination, carrier) : undefined;
  if (named !== undefined) return [`  route: ${describe(named, carrier)}`];
  const { port } = destination;
  return ips.map((ip) => {
    const route = routeOfAddress(table, { ip, port }, carrier);
    return `  route of ${ip}: ${describe(route, carrier)}`;
  });
}

/** What a request sends along a route; undefined: nothing that follows routes by its destination. */
function carrierOf({ command }: Asking): Carrier | undefined {
  if (command === 'connect') return 'tcp';
  return command === 'assoc' ? 'udp' : undefined;
}

function describe(route: Route | undefined, carrier: Carrier): string {
  if (route === undefined) return 'straight: no route matches';
  return `${howBy(route, carrier)}: ${route.text} (${formatOrigin(route.origin)})`;
}

function howBy(route: Route, carrier: Carrier): string {
  if (!hasProxies(route)) return 'straight';
  const usable = carrier === 'tcp' ? route.ways : route.ways.filter(takesDatagrams);
  if (usable.length === 0) return 'nowhere, its proxies take no datagrams';
  return `through ${usable.map((way) => formatWay(way) ?? 'direct').join(' | ')}`;
}
