// BIND (RFC 1928 section 4): a port for one peer that connects to the client, as with the data connections of FTP. Two
// replies: where the port is, and who came.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { formatEndpoint, type Endpoint, type Ip } from '../../base/ip.ts';
import { withoutZone } from '../../base/zoned.ts';
import { openInRange } from '../../net/ports.ts';
import type { Asking } from '../../policy/rules/asking.ts';
import { admitRequest } from '../../policy/rules/rules.ts';
import type { Destination } from '../../protocol/address.ts';
import { askingOf, denialOf } from '../asking.ts';
import type { Handshake, Surroundings } from '../session.ts';
import type { Outcome } from '../outcome.ts';
import { departures } from '../source.ts';
import { toldEndpoint } from '../told.ts';
import { createDoor, type Reception } from './door.ts';
import type { Expected } from './expected.ts';
import { meetingAddress } from './meeting.ts';
import { chooseBindPlace, meetAtProxy, type BindPlace, type Met } from './routedbind.ts';
import { Uninvited } from './uninvited.ts';
import { tellPort } from './firstreply.ts';

/**
 * Waits for the peer. `destination` is where the peer comes from, its port the one that
 * the client would like to wait at. Rejects with the fault that the client is told, as first or as second reply.
 */
export async function bind(
  handshake: Handshake,
  destination: Destination,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { session, leg, snapshot } = handshake;
  const deadline = new Deadline(snapshot.outside.bindTimeoutMs, 'BIND_TIMEOUT');
  handshake.deadline = deadline;
  leg.watch((fault) => deadline.end(fault));
  const asking = askingOf(handshake, 'bind', destination);
  const giveUp = (fault: Fault): void => deadline.end(fault);
  const met = await handshake.home.bindPlaces.during(session.client.ip, giveUp, async () => {
    const place = await deadline.within(chooseBindPlace(snapshot, asking, surroundings.resolver));
    return meet(handshake, asking, place, surroundings);
  });
  deadline.clear();
  session.dialled = met.peer;
  return { kind: 'connected', told: met.peer, bound: met.bound, target: met.leg };
}

async function meet(
  handshake: Handshake,
  asking: Asking,
  place: BindPlace,
  surroundings: Surroundings,
): Promise<Met> {
  const { deadline } = handshake;
  const met = place.kind === 'here' ? undefined : await meetAtProxy(handshake, asking, place, surroundings);
  if (met !== undefined) return met;
  const expected = place.kind === 'here' ? place.expected : await deadline.within(place.expect());
  const plan = { handshake, expected, departure: departures(handshake)(place.route) };
  const ip = await deadline.within(meetingAddress(plan, surroundings.transport));
  return waitForPeer(handshake, { asking, expected, ip }, surroundings);
}

/** The expected peer, and the address that waits for it. */
interface PeerWait {
  readonly asking: Asking;
  readonly expected: Expected;
  readonly ip: Ip;
}

/** Tells the client of a port and gives who came to it. The port is gone however the waiting ends. */
async function waitForPeer(
  handshake: Handshake,
  waiting: PeerWait,
  surroundings: Surroundings,
): Promise<Met> {
  const { transport, report } = surroundings;
  const { session, deadline } = handshake;
  const { bindPorts, publicAddresses } = handshake.snapshot.outside;
  const { asking, ip } = waiting;
  const uninvited = new Uninvited(session, report);
  const door = createDoor(
    receptionist(
      handshake,
      (peer, local) => peerObjection({ peer, local }, handshake, surroundings, waiting),
      uninvited,
    ),
  );
  const listener = await openInRange(bindPorts, asking.destination.port, (port) =>
    transport.listen({ ip, port }, door.knock, {
      firstWord: 'either',
      onStarved: (fault) => handshake.home.crowdedOut(undefined, fault),
    }),
  );
  try {
    if (deadline.ended !== undefined) throw deadline.ended;
    const bound = toldEndpoint(listener.local, publicAddresses);
    tellPort(handshake, bound, report);
    const leg = await deadline.within(door.peer);
    return { leg, peer: leg.remote, bound: leg.local };
  } finally {
    listener.close();
    uninvited.tell();
  }
}

/** An uninvited peer is sent away; whether the client waits on is a matter of its dialect. */
function receptionist(
  { dialect, deadline }: Handshake,
  objectionTo: (peer: Endpoint, local: Endpoint) => Fault | undefined,
  uninvited: Uninvited,
): (peer: Endpoint, local: Endpoint) => Reception {
  return (peer, local) => {
    if (deadline.ended !== undefined) return 'leave';
    const objection = objectionTo(peer, local);
    if (objection === undefined) return 'enter';
    if (dialect.uninvited === 'ends') return objection;
    uninvited.note(peer, objection);
    return 'leave';
  };
}

/** undefined when it may come in. */
function peerObjection(
  { peer, local }: { readonly peer: Endpoint; readonly local: Endpoint },
  { snapshot }: Handshake,
  { transport }: Surroundings,
  { asking, expected }: PeerWait,
): Fault | undefined {
  if (transport.own.tcp.meet(peer, local)) return new Fault('CLIENT_IS_SELF', formatEndpoint(peer));
  if (expected !== undefined && !expected.has(withoutZone(peer.ip)))
    return new Fault('STRANGER', formatEndpoint(peer));
  return denialOf(admitRequest(snapshot.policy, asking, peer.ip));
}
