// Headers inside headers (RFC 1928 section 7): on the way up each proxy of a chain removes one and sends the rest to
// the address in it; on the way down each adds one. All headers from below are claims of proxies: each has to name
// the next one.
import { newBytes } from '../../base/bytes.ts';
import type { Destination } from '../../protocol/address.ts';
import { decodeDatagram, encodeDatagramHeader } from '../../protocol/datagram.ts';

/** A datagram from below, as the last proxy describes it, or what is wrong with it. */
export type UnwrappedDatagram =
  | { readonly kind: 'whole'; readonly source: Destination; readonly payload: Uint8Array }
  | { readonly kind: 'malformed' | 'fragment' | 'stranger' };

/** The headers before that of the target: the way to each of `relays`, which come after the proxy that is sent to. */
export function wrapHeaders(relays: readonly Destination[]): Uint8Array {
  const headers = relays.map(encodeDatagramHeader);
  const bytes = newBytes(headers.reduce((size, header) => size + header.length, 0));
  let at = 0;
  for (const header of headers) {
    bytes.set(header, at);
    at += header.length;
  }
  return bytes;
}

/** Removes a header for each of `relays`, the nearest first, and that of the target. */
export function unwrapDatagram(bytes: Uint8Array, relays: readonly Destination[]): UnwrappedDatagram {
  let rest = bytes;
  for (const relay of relays) {
    const outer = unwrapOnce(rest);
    if (outer.kind !== 'whole') return outer;
    if (!isFrom(outer.source, relay)) return { kind: 'stranger' };
    rest = outer.payload;
  }
  return unwrapOnce(rest);
}

function unwrapOnce(bytes: Uint8Array): UnwrappedDatagram {
  const decoded = decodeDatagram(bytes);
  if (decoded.kind !== 'done') return { kind: 'malformed' };
  const { fragment, destination } = decoded.value;
  if (fragment !== 0) return { kind: 'fragment' };
  return { kind: 'whole', source: destination, payload: bytes.subarray(decoded.size) };
}

/** Compares the port alone when the proxy is known by name. */
function isFrom(source: Destination, relay: Destination): boolean {
  if (source.port !== relay.port) return false;
  return relay.kind === 'name' || (source.kind === 'ip' && source.ip === relay.ip);
}
