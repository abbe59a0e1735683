// BIND (RFC 1928 section 4): a port for one peer that connects to the client, as with the data connections of FTP. It has two
// replies: the address of the port, and that of the peer.
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
import { boundAddressFor } from './boundaddress.ts';
import type { Expected } from './expected.ts';
import { tellPort } from './firstreply.ts';
import { createPeerPort, type PeerVerdict } from './peerport.ts';
import { acceptAtProxy, chooseBindPlace, type AcceptedPeer, type BindPlace } from './routedbind.ts';
import { Uninvited } from './uninvited.ts';

/**
 * Waits for the peer. `destination` is the host from which the peer connects, and the port at which the client wishes
 * to wait. Rejects with the fault that the client is told, as first or as second reply.
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
  const accepted = await handshake.home.bindPlaces.during(session.client.ip, giveUp, async () => {
    const place = await deadline.within(chooseBindPlace(snapshot, asking, surroundings.resolver));
    return acceptAt(place, handshake, asking, surroundings);
  });
  deadline.clear();
  session.dialled = accepted.peer;
  return { kind: 'connected', told: accepted.peer, bound: accepted.bound, target: accepted.leg };
}

async function acceptAt(
  place: BindPlace,
  handshake: Handshake,
  asking: Asking,
  surroundings: Surroundings,
): Promise<AcceptedPeer> {
  const { deadline } = handshake;
  const byProxy =
    place.kind === 'here' ? undefined : await acceptAtProxy(handshake, asking, place, surroundings);
  if (byProxy !== undefined) return byProxy;
  const expected = place.kind === 'here' ? place.expected : await deadline.within(place.expect());
  const plan = { handshake, expected, departure: departures(handshake)(place.route) };
  const ip = await deadline.within(boundAddressFor(plan, surroundings.transport));
  return acceptHere(handshake, { asking, expected, ip }, surroundings);
}

/** The expected peer, and the address that waits for it. */
interface PeerWait {
  readonly asking: Asking;
  readonly expected: Expected;
  readonly ip: Ip;
}

/** Opens a port, tells the client, and returns the accepted peer. The port is closed however the wait ends. */
async function acceptHere(
  handshake: Handshake,
  waiting: PeerWait,
  surroundings: Surroundings,
): Promise<AcceptedPeer> {
  const { transport, report } = surroundings;
  const { session, deadline } = handshake;
  const { bindPorts, publicAddresses } = handshake.snapshot.outside;
  const { asking, ip } = waiting;
  const uninvited = new Uninvited(session, report);
  const peerPort = createPeerPort(
    judgeOf(
      handshake,
      (peer, local) => peerObjection({ peer, local }, handshake, surroundings, waiting),
      uninvited,
    ),
  );
  const listener = await openInRange(bindPorts, asking.destination.port, (port) =>
    transport.listen({ ip, port }, peerPort.onLeg, {
      firstWord: 'either',
      onStarved: (fault) => handshake.home.crowdedOut(undefined, fault),
    }),
  );
  try {
    if (deadline.ended !== undefined) throw deadline.ended;
    const bound = toldEndpoint(listener.local, publicAddresses);
    tellPort(handshake, bound, report);
    const leg = await deadline.within(peerPort.peer);
    return { leg, peer: leg.remote, bound: leg.local };
  } finally {
    listener.close();
    uninvited.tell();
  }
}

/** An uninvited peer is refused; the dialect says whether that ends the wait. */
function judgeOf(
  { dialect, deadline }: Handshake,
  objectionTo: (peer: Endpoint, local: Endpoint) => Fault | undefined,
  uninvited: Uninvited,
): (peer: Endpoint, local: Endpoint) => PeerVerdict {
  return (peer, local) => {
    if (deadline.ended !== undefined) return 'refuse';
    const objection = objectionTo(peer, local);
    if (objection === undefined) return 'accept';
    if (dialect.uninvited === 'ends') return objection;
    uninvited.note(peer, objection);
    return 'refuse';
  };
}

/** undefined when the peer is accepted. */
function peerObjection(
  { peer, local }: { readonly peer: Endpoint; readonly local: Endpoint },
  { snapshot }: Handshake,
  { transport }: Surroundings,
  { asking, expected }: PeerWait,
): Fault | undefined {
  if (transport.own.tcp.recognise(peer, local)) return new Fault('CLIENT_IS_SELF', formatEndpoint(peer));
  if (expected !== undefined && !expected.has(withoutZone(peer.ip)))
    return new Fault('STRANGER', formatEndpoint(peer));
  return denialOf(admitRequest(snapshot.policy, asking, peer.ip));
}
