// The outlets of lanes: a socket directly towards the targets of one family, or a way through proxies.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { ANY_IPV4, ANY_IPV6, familyOf, type Ip } from '../../base/ip.ts';
import { withoutZone } from '../../base/zoned.ts';
import type { Route } from '../../config/model/config.ts';
import type { Departure } from '../../net/dial/dial.ts';
import { openInRange } from '../../net/ports.ts';
import type { UdpSocketPlan } from '../../net/proxies/udpsocket.ts';
import { openUdpWay, type UdpWayPlan } from '../../net/routes/udpway.ts';
import { guard } from '../../policy/rules/guard.ts';
import type { Outlet } from '../datagrams/lane.ts';
import type { Handshake, Surroundings } from '../session.ts';
import type { LanesPlan, OutletEars, StraightCourse } from './lanes.ts';

interface OutletHome {
  readonly handshake: Handshake;
  readonly surroundings: Surroundings;
  /** How this host is left by a route, or without one. */
  readonly departureBy: (route: Route | undefined) => Departure;
}

/** Opens for the session of the handshake. */
export function createOutlets(home: OutletHome): LanesPlan['openOutlet'] {
  return (course, ears, deadline) =>
    course.kind === 'straight'
      ? openStraight(home, course, ears)
      : openProxied(home, course.route, ears, deadline);
}

async function openStraight(
  home: OutletHome,
  { family, route }: StraightCourse,
  { onAnswer }: OutletEars,
): Promise<Outlet> {
  // Targets have no zone: SOCKS has no room for it.
  const socket = await openerOf(home)(family, home.departureBy(route), (payload, from) =>
    onAnswer(payload, from.ip.includes('%') ? { ip: withoutZone(from.ip), port: from.port } : from),
  );
  return {
    send: (payload, { place }) => {
      // Names take this course only once they are addresses.
      if (!('name' in place)) socket.send(NO_HEAD, payload, place);
      return undefined;
    },
    whenLost: () => undefined,
    close: () => socket.close(),
  };
}

const NO_HEAD = new Uint8Array(0);

async function openProxied(
  home: OutletHome,
  route: Route,
  { onAnswer, onDrop }: OutletEars,
  deadline: Deadline,
): Promise<Outlet> {
  const { session, snapshot } = home.handshake;
  const { routing, policy, connectTimeoutMs } = snapshot;
  if (routing === undefined) throw new TypeError('a route without routing');
  const plan: UdpWayPlan = {
    route,
    client: session.client.ip,
    departureBy: home.departureBy,
    timeoutMs: connectTimeoutMs,
    onWay: (via) => (session.via = via),
    openSocket: openerOf(home),
    // As a client at its address could.
    mayPointTo: (proxy, relay) => guard(proxy, relay, policy.here) === 'allow',
    onAnswer,
    onWrong: onDrop,
  };
  const way = await openUdpWay(home.surroundings, routing, plan, deadline);
  return { ...way, send: (payload, { header }) => way.send(header, payload) };
}

/** Sockets on `udp-ports`. */
function openerOf({ handshake, surroundings }: OutletHome): UdpSocketPlan['openSocket'] {
  const { ports } = handshake.snapshot.udp;
  return (family, from, onDatagram) => {
    const ip = sourceFor(from.source, family);
    if (ip === undefined) return Promise.reject(new Fault('SOURCE_UNAVAILABLE'));
    return openInRange(ports, 0, (port) =>
      surroundings.transport.openUdp({ ip, port }, onDatagram, 'outside', from),
    );
  };
}

/** undefined when no datagram can leave in that family. */
function sourceFor(sources: readonly Ip[], family: 4 | 6): Ip | undefined {
  if (sources.length === 0) return family === 4 ? ANY_IPV4 : ANY_IPV6;
  return sources.find((each) => familyOf(each) === family);
}
