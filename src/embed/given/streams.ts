// Streams of the program as legs: those that dial() gives, and clients that it brings. They may be sockets, TLS, tunnels in something
// else, or made in memory.
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { ANY_IPV4, ANY_IPV6, familyOf, LOOPBACK_IPV4, parseIp, type Endpoint } from '../../base/ip.ts';
import type { StreamCarrier } from '../../net/released.ts';
import { localEnd, remoteEnd, resetNow, StreamLeg } from '../../net/streams/streamleg.ts';

/** The other end, and this one. */
export interface StreamEnds {
  readonly remote: Endpoint;
  readonly local: Endpoint;
}

/** Throws TypeError where it is not a stream of bytes for both directions. */
export function mustBeStream(stream: unknown): asserts stream is Duplex {
  const { on, off, read, write, end, destroy } = (stream ?? {}) as Record<string, unknown>;
  if (![on, off, read, write, end, destroy].every((method) => typeof method === 'function'))
    throw new TypeError('not a Duplex of node:stream');
  const { readableObjectMode, writableObjectMode, readableEncoding } = stream as Duplex;
  if (readableObjectMode || writableObjectMode || readableEncoding)
    throw new TypeError('the stream carries objects or texts; it must carry bytes');
}

/** The leg owns the stream from now on. */
export function legOf(stream: Duplex, { remote, local }: StreamEnds): StreamLeg {
  // One side may end before the other, as with every leg.
  stream.allowHalfOpen = true;
  return new StreamLeg(streamCarrierOf(stream), remote, local);
}

/** undefined when the stream has no addresses, or lost them. */
export function endsOf(stream: Duplex): StreamEnds | undefined {
  if (!(stream instanceof Socket)) return undefined;
  const remote = remoteEnd(stream);
  const local = localEnd(stream);
  return remote && local && { remote, local };
}

/** The local end of a stream without an address: that of this host for a local client, else none. */
export function unknownEnd({ ip }: Endpoint): Endpoint {
  if (ip === LOOPBACK_IPV4) return { ip: LOOPBACK_IPV4, port: 0 };
  if (ip === LOOPBACK_IPV6) return { ip: LOOPBACK_IPV6, port: 0 };
  return { ip: familyOf(ip) === 4 ? ANY_IPV4 : ANY_IPV6, port: 0 };
}

const LOOPBACK_IPV6 = parseIp('::1');

/** Whether the other end has gone. */
export function isOver(stream: Duplex): boolean {
  return stream.destroyed || stream.readableEnded || stream.errored != null;
}

/** Only TCP has a reset; other streams are destroyed. */
function streamCarrierOf(stream: Duplex): StreamCarrier {
  const isTcp = stream instanceof Socket && !('encrypted' in stream) && remoteEnd(stream) !== undefined;
  return { stream, reset: isTcp ? () => resetNow(stream) : () => stream.destroy() };
}
