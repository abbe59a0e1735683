// The header in front of every UDP datagram between client and server (RFC 1928 section 7). What follows it is the
// payload, which may be empty and is nobody's business here.
import { byteString, newBytes } from '../base/bytes.ts';
import type { Endpoint } from '../base/ip.ts';
import { decodeAddress, encodeAddress, encodeName, type Destination } from './address.ts';
import { ATYP } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface DatagramHeader {
  /** FRAG: 0 for a datagram that stands alone. */
  readonly fragment: number;
  readonly destination: Destination;
}

/** Largest UDP payload by family: 65,535 less the UDP header and, with IPv4, the IP header. */
export const MAX_DATAGRAM_BYTES = { 4: 65_507, 6: 65_527 } as const;

/** Where ATYP stands: behind RSV RSV FRAG. */
const ADDRESS_OFFSET = 3;
const PORT_LENGTH = 2;

/**
 * Decodes `RSV RSV FRAG ATYP DST.ADDR DST.PORT`; the payload starts at `size`. RSV other than 0000 is bad. A datagram
 * is whole when it comes, so `more` means that it was cut short.
 */
export function decodeDatagram(bytes: Uint8Array): Decoded<DatagramHeader> {
  const fragment = bytes[2];
  if ((bytes[0] ?? 0) !== 0 || (bytes[1] ?? 0) !== 0) return bad('MESSAGE_MALFORMED');
  if (fragment === undefined) return more(ADDRESS_OFFSET + 1);
  const address = decodeAddress(bytes, ADDRESS_OFFSET);
  return address.kind === 'done' ? done({ fragment, destination: address.value }, address.size) : address;
}

/**
 * Size of the header as far as ATYP and a name's length say; undefined where it is not whole. That there is a size
 * says nothing about the header being valid.
 */
export function datagramHeaderSize(bytes: Uint8Array): number | undefined {
  const size = sizeByAtyp(bytes);
  return size === undefined || size > bytes.length ? undefined : size;
}

/** What stands for a header, so that what was decoded once is found again. Different headers have different keys. */
export type DatagramKey = number | string;

/** Asked for each datagram of a client: an IPv4 header is a number, which is had ten times faster than a string. */
export function datagramKey(bytes: Uint8Array, size: number): DatagramKey {
  const isPlain = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0;
  if (!isPlain || bytes[ADDRESS_OFFSET] !== ATYP.IPV4) return byteString(bytes.subarray(0, size));
  return uint24At(bytes, ADDRESS_OFFSET + 1) * 2 ** 24 + uint24At(bytes, ADDRESS_OFFSET + 4);
}

/** Encodes the header of a datagram that came from `place` or goes there; isHostName() has found a name good. */
export function encodeDatagramHeader(place: Endpoint | Destination): Uint8Array {
  const address = 'name' in place ? encodeName(place.name, place.port) : encodeAddress(place);
  const bytes = newBytes(ADDRESS_OFFSET + address.length);
  bytes.fill(0, 0, ADDRESS_OFFSET);
  bytes.set(address, ADDRESS_OFFSET);
  return bytes;
}

function sizeByAtyp(bytes: Uint8Array): number | undefined {
  const start = ADDRESS_OFFSET + 1;
  switch (bytes[ADDRESS_OFFSET]) {
    case ATYP.IPV4:
      return start + 4 + PORT_LENGTH;
    case ATYP.IPV6:
      return start + 16 + PORT_LENGTH;
    case ATYP.NAME: {
      const length = bytes[start];
      return length === undefined ? undefined : start + 1 + length + PORT_LENGTH;
    }
    case undefined:
    default:
      return undefined;
  }
}

function uint24At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
