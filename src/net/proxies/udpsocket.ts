// Datagrams through a chain whose proxies have agreed to take them: a socket towards the first one, and a connection
// to each, with which everything ends.
import { concatBytes } from '../../base/bytes.ts';
import { Deadline } from '../../base/deadline.ts';
import { familyOf, type Endpoint } from '../../base/ip.ts';
import { isSameIp } from '../../base/zoned.ts';
import type { Destination } from '../../protocol/address.ts';
import { MAX_DATAGRAM_BYTES } from '../../protocol/datagram.ts';
import type { Departure } from '../dial/dial.ts';
import type { OnDatagram, UdpSocket } from '../transport.ts';
import type { UdpHop } from './udpchain.ts';
import { unwrapDatagram, wrapHeaders, type UnwrappedDatagram } from './udpheaders.ts';

/** The way out of datagrams through proxies. */
export interface UdpWay {
  /** Sends `payload` behind `header`, that of its target. `too-long`: it does not fit beside the headers for the proxies. */
  readonly send: (header: Uint8Array, payload: Uint8Array) => 'too-long' | undefined;
  /**
   * `listener` is called once when a proxy ends the association, at once if it has ended already. The caller still
   * has to close it.
   */
  readonly whenLost: (listener: () => void) => void;
  /** Releases everything; call it once. */
  readonly close: () => void;
}

export interface UdpSocketPlan {
  /** A socket towards a proxy. */
  readonly openSocket: (family: 4 | 6, from: Departure, onDatagram: OnDatagram) => Promise<UdpSocket>;
  /** `source` is what the last proxy claims; `payload` may be read only during the call. */
  readonly onAnswer: (payload: Uint8Array, source: Destination) => void;
  /** A datagram came that is no answer. */
  readonly onWrong: (what: Exclude<UnwrappedDatagram['kind'], 'whole'>) => void;
}

/** The proxies of a chain, and the address for datagrams to the first one. */
export interface UdpChain {
  readonly hops: readonly UdpHop[];
  readonly relay: Endpoint;
}

/** Rejects as `openSocket` does; the caller then still owns the hops. */
export async function openChainSocket(
  { hops, relay }: UdpChain,
  departure: Departure,
  { openSocket, onAnswer, onWrong }: UdpSocketPlan,
): Promise<UdpWay> {
  const further = hops.slice(1).map((hop) => hop.relay);
  const family = familyOf(relay.ip);
  const socket = await openSocket(family, departureTo(relay, hops, departure), (bytes, from) => {
    const isUnknownSource = !isSameIp(from.ip, relay.ip) || from.port !== relay.port;
    const answer = isUnknownSource ? UNKNOWN_SOURCE : unwrapDatagram(bytes, further);
    if (answer.kind === 'whole') onAnswer(answer.payload, answer.source);
    else onWrong(answer.kind);
  });
  const head = wrapHeaders(further);
  const room = MAX_DATAGRAM_BYTES[family] - head.length;
  return {
    send: (header, payload) => {
      if (header.length + payload.length > room) return 'too-long';
      socket.send(concatBytes(head, header), payload, relay);
      return undefined;
    },
    whenLost: (listener) => watchAll(hops, listener),
    close: () => {
      socket.close();
      for (const { control } of hops) control.close('fin');
    },
  };
}

const UNKNOWN_SOURCE: UnwrappedDatagram = { kind: 'stranger' };

/** Bound to the address that the proxy knows us by: it takes datagrams of no other (V5-32). */
function departureTo({ ip }: Endpoint, [first]: readonly UdpHop[], departure: Departure): Departure {
  const control = first?.control;
  return control?.remote.ip === ip ? { ...departure, source: [control.local.ip] } : departure;
}

function watchAll(hops: readonly UdpHop[], listener: () => void): void {
  const end = new Deadline(0, 'PROXY_CLOSED');
  end.whenEnded(listener);
  for (const { control } of hops) {
    // The listener may have closed all of them.
    if (end.ended === undefined) control.watch((fault) => end.end(fault));
  }
}
