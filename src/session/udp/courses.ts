// The course of datagrams for a target by rules and routes: directly, through proxies, or nowhere.
import type { Fault } from '../../base/fault.ts';
import { familyOf, type Ip } from '../../base/ip.ts';
import type { Route } from '../../config/model/config.ts';
import { losesDatagrams } from '../../config/model/way.ts';
import { familyObjection, type Departure } from '../../net/dial/dial.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import { departureOfLookUp } from '../../net/routes/reach.ts';
import type { Routing } from '../../net/routes/travel.ts';
import { headingOf, itineraryOf, passageTo, type Heading } from '../../policy/itinerary/itinerary.ts';
import type { Asking } from '../../policy/rules/asking.ts';
import type { Policy } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { mayBeLookedUp, meantBy, type NameDestination } from '../completion.ts';
import type { DropReason } from '../datagrams/drops.ts';

export type Course =
  /** Without proxies; leaving as the route says, if there is one. */
  | { readonly kind: 'straight'; readonly family: 4 | 6; readonly route: Route | undefined }
  | { readonly kind: 'proxies'; readonly route: Route }
  | { readonly kind: 'nowhere'; readonly reason: DropReason };

export interface Courses {
  /** The course of a name that is not looked up; undefined: it has to be, and its addresses decide. */
  readonly ofName: (destination: NameDestination) => Course | undefined;
  /** The names to look up for one, in their order. */
  readonly meantBy: (destination: NameDestination) => readonly NameDestination[];
  /** The course of `ip`, which is the destination or an address of it. */
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
  const { policy, askingOf, resolver, routing, departureBy } = plan;
  const table = routing?.table;
  const isAllowed = mayBeLookedUp(policy, askingOf);
  const meant = (asked: NameDestination): readonly NameDestination[] =>
    meantBy(asked, { resolver, table, carrier: 'udp', isAllowed });
  const heading = (destination: Destination): Heading => headingOf(table, destination, 'udp');
  return {
    meantBy: meant,
    ofName: (destination) => {
      const itinerary = itineraryOf(policy, table, askingOf(destination));
      if (itinerary.kind === 'remote') return throughProxies(itinerary.route);
      if (itinerary.kind === 'look-up') return undefined;
      // The rules allow each completed name that is meant.
      return meant(destination).some((each) => each !== destination) ? undefined : DENIED;
    },
    ofAddress: (destination, ip) => {
      const passage = passageTo(policy, askingOf(destination), heading(destination), ip);
      if (passage.kind === 'denied') return DENIED;
      if (passage.kind === 'proxies') return throughProxies(passage.route);
      const family = familyOf(ip);
      const { route } = passage;
      const objection = familyObjection(family, departureBy(route));
      return objection === undefined ? { kind: 'straight', family, route } : NO_SOCKET;
    },
    objectionTo: (destination, family) =>
      familyObjection(family, departureOfLookUp(heading(destination), departureBy)),
  };
}

const DENIED: Course = { kind: 'nowhere', reason: 'denied' };
const NO_SOCKET: Course = { kind: 'nowhere', reason: 'no-socket' };
const NO_UDP: Course = { kind: 'nowhere', reason: 'no-udp' };

function throughProxies(route: Route): Course {
  return losesDatagrams(route.ways) ? NO_UDP : { kind: 'proxies', route };
}
