// The header in front of every UDP datagram between client and server (RFC 1928 section 7). The payload follows, possibly empty;
// it is never looked at.
import { newBytes } from '../base/bytes.ts';
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

/** The offset of ATYP, after RSV RSV FRAG. */
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

/**
 * The position of the IPv4 or IPv6 address in a whole header, an IPv4-mapped one as IPv4; undefined when there is none, or RSV or
 * FRAG is not 0.
 */
export function addressInHeader(bytes: Uint8Array): AddressBytes | undefined {
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0) return undefined;
  const atyp = bytes[ADDRESS_OFFSET];
  if (atyp === ATYP.IPV4) return IPV4_SPAN;
  if (atyp !== ATYP.IPV6) return undefined;
  return isMapped(bytes) ? MAPPED_SPAN : IPV6_SPAN;
}

interface AddressBytes {
  readonly start: number;
  readonly length: 4 | 16;
}

const IPV4_SPAN: AddressBytes = { start: ADDRESS_OFFSET + 1, length: 4 };
const IPV6_SPAN: AddressBytes = { start: ADDRESS_OFFSET + 1, length: 16 };
const MAPPED_SPAN: AddressBytes = { start: ADDRESS_OFFSET + 13, length: 4 };

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

/** Whether the IPv6 address begins with `::ffff:0:0/96` (RFC 4291 section 2.5.5.2). */
function isMapped(bytes: Uint8Array): boolean {
  const start = ADDRESS_OFFSET + 1;
  for (let at = 0; at < 10; at++) if (bytes[start + at] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}
