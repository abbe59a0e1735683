// Whether a request may go, and by which way: does its name travel to a proxy or is it looked up here, what are the rules asked
// about it, which route leads to each address. Sessions, the recheck and --explain all ask here, so that they agree.
import { isUnspecified, type Endpoint, type Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { hasProxies } from '../../config/model/way.ts';
import type { Destination } from '../../protocol/address.ts';
import type { Asking, AskedCommand } from '../rules/asking.ts';
import type { Policy } from '../rules/policy.ts';
import { admitName, admitRequest, admitUnresolved } from '../rules/rules.ts';
import type { Denial, Ruling } from '../rules/ruling.ts';
import { routeOfAddress, routeOfName, type Traffic, type RouteTable } from './routes.ts';

/** The heading of a request, as far as routes decide. */
export type Heading =
  /** The name travels along the route, and a proxy looks it up. */
  | { readonly kind: 'remote'; readonly route: Route }
  /** It is an address, or a name that is looked up here. */
  | {
      readonly kind: 'look-up';
      /** The route of the name, which all its addresses take; undefined when each finds its own in the table. */
      readonly route: Route | undefined;
      readonly table: RouteTable;
      readonly carrier: Traffic;
    };

export interface Denied {
  readonly kind: 'denied';
  readonly ruling: Denial;
}

export type Itinerary = Denied | Heading;

/** How an address is reached. */
export type Passage =
  /** Without proxies; leaving as the route says, if there is one. */
  | { readonly kind: 'straight'; readonly route: Route | undefined }
  /** Along the ways of the route, at least one of which has proxies. */
  | { readonly kind: 'proxies'; readonly route: Route };

/** Without routes; one value for all sessions. */
const HERE: Heading = { kind: 'look-up', route: undefined, table: undefined, carrier: 'tcp' };
const STRAIGHT: Passage = { kind: 'straight', route: undefined };

/** Decides about a request before anything is looked up. Each address still has to be asked about, with passageTo() or admitRequest(). */
export function itineraryOf(policy: Policy, table: RouteTable, asking: Asking): Itinerary {
  const heading = headingOf(table, asking.destination, carrierOf(asking.command));
  const ruling = admitHeading(policy, asking, heading.kind);
  return ruling.verdict === 'deny' ? { kind: 'denied', ruling } : heading;
}

/** The part of it that routes decide. `carrier` undefined: the request follows no routes. */
export function headingOf(
  table: RouteTable,
  destination: Destination,
  carrier: Traffic | undefined,
): Heading {
  if (table === undefined || carrier === undefined) return HERE;
  const route = destination.kind === 'name' ? routeOfName(table, destination, carrier) : undefined;
  return route !== undefined && route.names === 'remote' && hasProxies(route)
    ? { kind: 'remote', route }
    : { kind: 'look-up', route, table, carrier };
}

/** The part of it that rules decide: about a name that travels only rules that name it, otherwise also what its addresses could be. */
export function admitHeading(policy: Policy, asking: Asking, kind: Heading['kind']): Ruling {
  return kind === 'remote' ? admitUnresolved(policy, asking) : admitName(policy, asking);
}

/** Decides about `ip`, the destination or an address of it. */
export function passageTo(policy: Policy, asking: Asking, heading: Heading, ip: Ip): Denied | Passage {
  const ruling = admitRequest(policy, asking, ip);
  if (ruling.verdict === 'deny') return { kind: 'denied', ruling };
  return hasRoutes(heading) ? wayTo(heading, { ip, port: asking.destination.port }) : STRAIGHT;
}

/** The part of it that routes decide. */
export function wayTo(heading: Heading, endpoint: Endpoint): Passage {
  const route = routeTo(heading, endpoint);
  if (route === undefined) return STRAIGHT;
  return { kind: hasProxies(route) ? 'proxies' : 'straight', route };
}

/** Whether no address, whatever it is, is reached through proxies. */
export function leavesStraight(heading: Heading): boolean {
  return heading.route === undefined ? !hasRoutes(heading) : !hasProxies(heading.route);
}

/** Whether BIND waits for any peer: its address is unspecified, and the rules are not asked about it. */
export function isForAnybody({ command, destination }: Asking): boolean {
  return command === 'bind' && destination.kind === 'ip' && isUnspecified(destination.ip);
}

/** The traffic that a request sends along a route; undefined when it follows no routes. */
export function carrierOf(command: AskedCommand): Traffic | undefined {
  if (command === 'connect' || command === 'bind') return 'tcp';
  return command === 'assoc' ? 'udp' : undefined;
}

function hasRoutes(heading: Heading): boolean {
  return heading.kind === 'remote' || heading.table !== undefined;
}

function routeTo(heading: Heading, endpoint: Endpoint): Route | undefined {
  if (heading.kind === 'remote' || heading.route !== undefined) return heading.route;
  return routeOfAddress(heading.table, endpoint, heading.carrier);
}
