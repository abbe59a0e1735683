// --explain: the way that a request takes to its destination.
import type { Ip } from '../base/ip.ts';
import type { Route } from '../config/config.ts';
import { formatOrigin } from '../config/problem.ts';
import { formatWay } from '../config/routeways.ts';
import { hasProxies } from '../net/travel.ts';
import { routeOfAddress, routeOfName, type RouteTable } from '../policy/routes.ts';
import type { Asking } from '../policy/rules.ts';

/** The route by which the name travels to a proxy and is not looked up here; undefined: it is an address, or is looked up. */
export function routeForName(table: RouteTable, { command, destination }: Asking): Route | undefined {
  if (command !== 'connect' || destination.kind === 'ip') return undefined;
  const route = routeOfName(table, destination, 'tcp');
  return route !== undefined && route.names === 'remote' && hasProxies(route) ? route : undefined;
}

/** A line for the name or for each of `ips`, with the route and where it stands; none where there are no routes. */
export function explainRoutes(table: RouteTable, asking: Asking, ips: readonly Ip[]): readonly string[] {
  const { command, destination } = asking;
  if (table === undefined || command !== 'connect') return [];
  const named = destination.kind === 'name' ? routeOfName(table, destination, 'tcp') : undefined;
  if (named !== undefined) return [`  route: ${describe(named)}`];
  const { port } = destination;
  return ips.map((ip) => `  route of ${ip}: ${describe(routeOfAddress(table, { ip, port }, 'tcp'))}`);
}

function describe(route: Route | undefined): string {
  if (route === undefined) return 'straight: no route matches';
  const ways = route.ways.map(formatWay).filter((way) => way !== undefined);
  const how = ways.length === 0 ? 'straight' : `through ${ways.join(' | ')}`;
  return `${how}: ${route.text} (${formatOrigin(route.origin)})`;
}
