// Which course the datagrams for a target take, as rules and routes say: straight there, through proxies, or nowhere.
import type { Fault } from '../../base/fault.ts';
import { familyOf, type Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { losesDatagrams } from '../../config/model/way.ts';
import { objectionTo, type Departure } from '../../net/dial/dial.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import { hasProxies, type Routing } from '../../net/routes/travel.ts';
import type { Asking } from '../../policy/rules/asking.ts';
import { routeOfAddress, routeOfName } from '../../policy/rules/routes.ts';
import {
  admitName,
  admitRequest,
  admitUnresolved,
  type Policy,
  type Ruling,
} from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { meantBy, type NameDestination } from '../completion.ts';
import type { DropReason } from '../datagrams/drops.ts';

export type Course =
  /** Without proxies; leaving as the route says, if there is one. */
  | { readonly kind: 'straight'; readonly family: 4 | 6; readonly route: Route | undefined }
  | { readonly kind: 'proxies'; readonly route: Route }
  | { readonly kind: 'nowhere'; readonly reason: DropReason };

export interface Courses {
  /** Of a name that is not looked up; undefined: it has to be, and its addresses decide. */
  readonly ofName: (destination: NameDestination) => Course | undefined;
  /** The names to look up for one, in their order. */
  readonly meantBy: (destination: NameDestination) => readonly NameDestination[];
  /** Of `ip`, which is the destination or an address of it. */
  readonly ofAddress: (destination: Destination, ip: Ip) => Course;
  /** Why addresses of a family are of no use for a name that is looked up. */
  readonly objectionTo: (destination: NameDestination, family: 4 | 6) => Fault | undefined;
}

interface CoursesPlan {
  readonly policy: Policy;
  readonly routing: Routing | undefined;
  readonly resolver: Pick<Resolver, 'completions'>;
  readonly askingOf: (destination: Destination) => Asking;
  /** How this host is left by a route, or without one. */
  readonly departureBy: (route: Route | undefined) => Departure;
}

export function createCourses(plan: CoursesPlan): Courses {
  const { policy, askingOf, resolver, routing } = plan;
  const isAllowed = (each: NameDestination): boolean => !isDenied(admitName(policy, askingOf(each)));
  const meant = (asked: NameDestination): readonly NameDestination[] =>
    meantBy(asked, { resolver, routing, carrier: 'udp', isAllowed });
  return {
    meantBy: meant,
    ofName: (destination) => {
      const route = routeOf(plan, destination);
      const travels = route !== undefined && route.names === 'remote' && hasProxies(route);
      const asking = askingOf(destination);
      if (travels) return isDenied(admitUnresolved(policy, asking)) ? DENIED : throughProxies(route);
      return meant(destination).some(isAllowed) ? undefined : DENIED;
    },
    ofAddress: (destination, ip) => {
      const route = routeOf(plan, destination) ?? routeOf(plan, { kind: 'ip', ip, port: destination.port });
      if (isDenied(admitRequest(policy, askingOf(destination), ip))) return DENIED;
      if (route !== undefined && hasProxies(route)) return throughProxies(route);
      const family = familyOf(ip);
      const objection = objectionTo(family, plan.departureBy(route));
      return objection === undefined ? { kind: 'straight', family, route } : NO_SOCKET;
    },
    objectionTo: (destination, family) => objectionTo(family, lookUpBy(plan, destination)),
  };
}

const DENIED: Course = { kind: 'nowhere', reason: 'denied' };
const NO_SOCKET: Course = { kind: 'nowhere', reason: 'no-socket' };
const NO_UDP: Course = { kind: 'nowhere', reason: 'no-udp' };

function routeOf({ routing }: CoursesPlan, destination: Destination): Route | undefined {
  if (routing === undefined) return undefined;
  return destination.kind === 'name'
    ? routeOfName(routing.table, destination, 'udp')
    : routeOfAddress(routing.table, destination, 'udp');
}

function isDenied({ verdict }: Ruling): boolean {
  return verdict === 'deny';
}

function throughProxies(route: Route): Course {
  return losesDatagrams(route.ways) ? NO_UDP : { kind: 'proxies', route };
}

/** Where routes of addresses may lead through proxies, our own source addresses say nothing about what can be reached. */
function lookUpBy(plan: CoursesPlan, destination: NameDestination): Departure {
  const route = routeOf(plan, destination);
  const departure = plan.departureBy(route);
  const isStraight = route === undefined ? plan.routing === undefined : !hasProxies(route);
  return isStraight ? departure : { ...departure, source: [] };
}
