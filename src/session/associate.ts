// UDP ASSOCIATE (RFC 1928 section 4): a socket for the client's datagrams, on the address that it dialled, told in the
// reply. What happens to the datagrams is in association.ts.
import { Fault } from '../base/fault.ts';
import { ANY_IPV4, ANY_IPV6, familyOf, type Ip } from '../base/ip.ts';
import { objectionTo } from '../net/dial.ts';
import { openInRange } from '../net/ports.ts';
import type { Relay } from '../net/transport.ts';
import { admitCommand } from '../policy/commands.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { admitName, admitRequest, type Ruling } from '../policy/rules.ts';
import type { Destination } from '../protocol/address.ts';
import { REP } from '../protocol/codes.ts';
import { askingOf } from './asking.ts';
import { Association, type AssociationPlan } from './association.ts';
import type { DropReason } from './drops.ts';
import { mustAllow } from './refuse.ts';
import { reply } from './reply.ts';
import type { Handshake, Surroundings } from './session.ts';
import { sourceOf } from './source.ts';
import { toldEndpoint } from './told.ts';

/**
 * Associates and answers. `announced` is where the client says that its datagrams come from. Rejects with
 * REQUEST_DENIED where no rule allows any target, PORT_UNAVAILABLE, RESOURCES_EXHAUSTED, or the reason why the session
 * is called off.
 */
export async function associate(
  handshake: Handshake,
  announced: Destination,
  surroundings: Surroundings,
): Promise<Relay> {
  const { session, leg, snapshot, deadline } = handshake;
  const { transport, report } = surroundings;
  mustAllow(admitCommand(snapshot.policy, session.identity ?? ANONYMOUS, 'assoc'));
  const association = new Association(planOf(handshake, announced, surroundings));
  const inside = await openInRange(snapshot.udp.ports, 0, (port) =>
    transport.openUdp({ ip: leg.local.ip, port }, association.takeFromClient, 'client'),
  );
  if (deadline.ended !== undefined) {
    inside.close();
    throw deadline.ended;
  }
  const bound = toldEndpoint(inside.local, snapshot.outside.publicAddresses);
  reply(handshake, REP.SUCCEEDED, bound);
  report({ kind: 'listening', session, bound });
  association.start(inside);
  return association;
}

function planOf(
  handshake: Handshake,
  announced: Destination,
  { transport, resolver }: Surroundings,
): AssociationPlan {
  const { session, leg, snapshot } = handshake;
  const client = session.client.ip;
  const source = sourceOf(handshake);
  const ways = { source, family: snapshot.family };
  return {
    leg,
    clientPort: announcedPort(announced, client),
    limits: snapshot.udp,
    refusal: (destination, ip) => {
      if (objectionTo(familyOf(ip), ways) !== undefined) return 'no-socket';
      return reasonOf(admitRequest(snapshot.policy, askingOf(handshake, 'assoc', destination), ip));
    },
    nameRefusal: (destination) =>
      reasonOf(admitName(snapshot.policy, askingOf(handshake, 'assoc', destination))),
    lookup: (name) => resolver.lookup(name, client, (family) => objectionTo(family, ways)),
    hostAddresses: snapshot.policy.hostAddresses,
    openOutside: (family, onDatagram) => {
      const ip = sourceFor(source, family);
      if (ip === undefined) return Promise.reject(new Fault('SOURCE_UNAVAILABLE'));
      return openInRange(snapshot.udp.ports, 0, (port) =>
        transport.openUdp({ ip, port }, onDatagram, 'outside'),
      );
    },
    now: () => performance.now(),
  };
}

function reasonOf({ verdict }: Ruling): DropReason | undefined {
  return verdict === 'deny' ? 'denied' : undefined;
}

/**
 * A port that comes with zeros or with the client's own address is the one that it will send from. Another address is
 * what the client takes for its own behind a NAT, which changes the port as well.
 */
function announcedPort(announced: Destination, client: Ip): number | undefined {
  if (announced.kind === 'name' || announced.port === 0) return undefined;
  return [client, ANY_IPV4, ANY_IPV6].includes(announced.ip) ? announced.port : undefined;
}

/** undefined: nothing goes out in that family. */
function sourceFor(sources: readonly Ip[], family: 4 | 6): Ip | undefined {
  if (sources.length === 0) return family === 4 ? ANY_IPV4 : ANY_IPV6;
  return sources.find((each) => familyOf(each) === family);
}
