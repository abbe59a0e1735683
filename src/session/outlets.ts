// What the lanes of an association open: a socket straight towards the targets of one family, or a way through proxies.
import { Fault } from '../base/fault.ts';
import type { Deadline } from '../base/deadline.ts';
import { ANY_IPV4, ANY_IPV6, familyOf, type Ip } from '../base/ip.ts';
import type { Route } from '../config/config.ts';
import type { Departure } from '../net/dial.ts';
import { openInRange } from '../net/ports.ts';
import type { OnDatagram, UdpSocket } from '../net/transport.ts';
import { openUdpWay } from '../net/upstream/udpway.ts';
import { guard } from '../policy/guard.ts';
import type { Outlet } from './lane.ts';
import type { LanesPlan, OutletEars } from './lanes.ts';
import type { Handshake, Surroundings } from './session.ts';

type DepartureBy = (route: Route | undefined) => Departure;
type OpenSocket = (family: 4 | 6, from: Departure, onDatagram: OnDatagram) => Promise<UdpSocket>;

const NO_HEAD = new Uint8Array(0);

/** Opens for the session of `handshake`, which leaves this host as `departureBy` says. */
export function createOutlets(
  handshake: Handshake,
  departureBy: DepartureBy,
  surroundings: Surroundings,
): LanesPlan['openOutlet'] {
  const { ports } = handshake.snapshot.udp;
  const openSocket: OpenSocket = (family, from, onDatagram) => {
    const ip = sourceFor(from.source, family);
    if (ip === undefined) return Promise.reject(new Fault('SOURCE_UNAVAILABLE'));
    return openInRange(ports, 0, (port) =>
      surroundings.transport.openUdp({ ip, port }, onDatagram, 'outside', from),
    );
  };
  return (course, ears, deadline) => {
    if (course.kind === 'straight')
      return openStraight(openSocket, course.family, departureBy(course.route), ears);
    const way = { route: course.route, departureBy, openSocket, ears };
    return openProxied(handshake, way, surroundings, deadline);
  };
}

async function openStraight(
  openSocket: OpenSocket,
  family: 4 | 6,
  from: Departure,
  { onAnswer }: OutletEars,
): Promise<Outlet> {
  const socket = await openSocket(family, from, onAnswer);
  return {
    send: (payload, { place }) => {
      if (!('name' in place)) socket.send(NO_HEAD, payload, place);
      return undefined;
    },
    whenLost: () => undefined,
    close: () => socket.close(),
  };
}

async function openProxied(
  { session, snapshot }: Handshake,
  {
    route,
    departureBy,
    openSocket,
    ears,
  }: { route: Route; departureBy: DepartureBy; openSocket: OpenSocket; ears: OutletEars },
  { transport, resolver }: Surroundings,
  deadline: Deadline,
): Promise<Outlet> {
  const { routing, policy, connectTimeoutMs } = snapshot;
  if (routing === undefined) throw new TypeError('a route without routing');
  const plan = {
    route,
    client: session.client.ip,
    departureBy,
    timeoutMs: connectTimeoutMs,
    onWay: (via: string | undefined) => (session.via = via),
    openSocket,
    // As a client at the address of the proxy could: what it says may be a mistake, or meant to do harm.
    mayPointTo: (proxy: Ip, relay: Ip) => guard(proxy, relay, policy.hostAddresses()) === 'allow',
    onAnswer: ears.onAnswer,
    onWrong: ears.onDrop,
  };
  const way = await openUdpWay({ transport, resolver }, routing, plan, deadline);
  return { ...way, send: (payload, { header }) => way.send(header, payload) };
}

/** undefined: nothing goes out in that family. */
function sourceFor(sources: readonly Ip[], family: 4 | 6): Ip | undefined {
  if (sources.length === 0) return family === 4 ? ANY_IPV4 : ANY_IPV6;
  return sources.find((each) => familyOf(each) === family);
}
