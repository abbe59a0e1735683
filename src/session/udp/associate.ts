// UDP ASSOCIATE (RFC 1928 section 4): a socket for the client's datagrams, on the address that it dialled, told in the
// reply. What happens to the datagrams is in association.ts.
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { addressOf, ANY_IPV4, ANY_IPV6, familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import { withoutZone } from '../../base/zoned.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import type { OwnEnds } from '../../net/ownends.ts';
import { openInRange } from '../../net/ports.ts';
import { ANONYMOUS } from '../../policy/identity.ts';
import { admitCommand } from '../../policy/rules/commands.ts';
import type { Here } from '../../policy/rules/here.ts';
import { routeWithoutUdp } from '../../policy/itinerary/routes.ts';
import { zoneOfClient } from '../../policy/rules/zones.ts';
import type { Destination } from '../../protocol/address.ts';
import { askingOf } from '../asking.ts';
import type { Outcome } from '../outcome.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Snapshot, Surroundings } from '../session.ts';
import { departures } from '../source.ts';
import { Association, type AssociationPlan } from './association.ts';
import { clientSideOf } from './clientside.ts';
import { createCourses } from './courses.ts';
import { createOutlets } from './outlets.ts';

/**
 * Associates. `announced` is where the client says that its datagrams come from. Rejects with
 * REQUEST_DENIED where no rule allows any target, COMMAND_UNSUPPORTED behind a balancer (clientside.ts), PROXY_WITHOUT_UDP where routes leave no way for any, PORT_UNAVAILABLE, RESOURCES_EXHAUSTED, or the reason why the session
 * is called off.
 */
export async function associate(
  handshake: Handshake,
  announced: Destination,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { session, snapshot, deadline } = handshake;
  const { transport } = surroundings;
  mustAllow(admitCommand(snapshot.policy, session.identity ?? ANONYMOUS, 'assoc'));
  mustLeadAnywhere(snapshot);
  const side = clientSideOf(handshake);
  const association = new Association(planOf(handshake, announced, surroundings));
  const inside = await openInRange(snapshot.udp.ports, 0, (port) =>
    transport.openUdp({ ip: side.ip, port }, association.takeFromClient, 'client'),
  );
  if (deadline.ended !== undefined) {
    inside.close();
    throw deadline.ended;
  }
  const told = side.told(inside.local);
  const begin = (): Association => {
    association.start(inside);
    return association;
  };
  return { kind: 'listening', told, begin };
}

function planOf(handshake: Handshake, announced: Destination, surroundings: Surroundings): AssociationPlan {
  const { session, leg, snapshot } = handshake;
  const { policy, routing, program: { permit } = {} } = snapshot;
  const client = session.client.ip;
  const departureBy = departures(handshake);
  const courses = createCourses({
    policy,
    routing,
    resolver: surroundings.resolver,
    askingOf: (destination) => askingOf(handshake, 'assoc', destination),
    departureBy,
  });
  return {
    leg,
    clientPort: announcedPort(announced, client),
    permit: permit && ((destination) => permit(handshake, destination)),
    isSelf: (from) => isOwnSocket(from, surroundings.transport.own.udp, policy.here),
    limits: snapshot.udp,
    shared: surroundings.datagrams,
    courses,
    lookup: (destination) =>
      surroundings.resolver.lookup(destination.name, client, (family) =>
        courses.objectionTo(destination, family),
      ),
    hostAddresses: policy.here.listed,
    openOutlet: createOutlets({ handshake, surroundings, departureBy }),
    openTimeoutMs: snapshot.connectTimeoutMs,
    now: monotonicMs,
  };
}

/** Sockets towards targets are bound to no address mostly, and leave from any of this host. */
function isOwnSocket(from: Endpoint, sockets: OwnEnds, here: Here): boolean {
  const anyOf = { ip: familyOf(from.ip) === 4 ? ANY_IPV4 : ANY_IPV6, port: from.port };
  return sockets.has(from, from) || (sockets.has(anyOf, from) && zoneOfClient(from.ip, here) === 'host');
}

/** Where every datagram would meet proxies that take none, the client is told so at once. */
function mustLeadAnywhere({ routing }: Snapshot): void {
  const route = routing && routeWithoutUdp(routing.table);
  if (route === undefined) return;
  throw new Fault('PROXY_WITHOUT_UDP', `route ${route.text} from ${formatOrigin(route.origin)}`);
}

/**
 * A port that comes with zeros, with any name, or with the client's own address is the one that it will send from. Another
 * address is what the client takes for its own behind a NAT, which changes the port as well.
 */
function announcedPort(announced: Destination, client: Ip): number | undefined {
  if (announced.port === 0) return undefined;
  if (announced.kind === 'name') return announced.port;
  return [withoutZone(addressOf(client)), ANY_IPV4, ANY_IPV6].includes(announced.ip)
    ? announced.port
    : undefined;
}
