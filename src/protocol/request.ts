// The request of a client (RFC 1928 section 4). RSV is ignored (V5-15).
import { newBytes } from '../base/bytes.ts';
import { decodeAddress, decodeAnnounced, encodeDestination, type Destination } from './address.ts';
import { COMMAND, SOCKS5_VERSION } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface Request {
  /** CMD as sent; a number that is not in COMMAND is answered with REP 07. */
  readonly command: number;
  readonly destination: Destination;
}

/** The offset of ATYP. */
const ADDRESS_OFFSET = 3;

/** Decodes `VER CMD RSV ATYP DST.ADDR DST.PORT` (RFC 1928 section 4). */
export function decodeRequest(bytes: Uint8Array): Decoded<Request> {
  const version = bytes[0];
  const command = bytes[1];
  if (version !== undefined && version !== SOCKS5_VERSION) return bad('MESSAGE_MALFORMED');
  if (command === undefined) return more(ADDRESS_OFFSET + 1);
  const decode = command === COMMAND.UDP_ASSOCIATE ? decodeAnnounced : decodeAddress;
  const address = decode(bytes, ADDRESS_OFFSET);
  return address.kind === 'done' ? done({ command, destination: address.value }, address.size) : address;
}

/** Encodes `VER CMD RSV ATYP DST.ADDR DST.PORT`. */
export function encodeRequest({ command, destination }: Request): Uint8Array {
  const address = encodeDestination(destination);
  const bytes = newBytes(ADDRESS_OFFSET + address.length);
  bytes.set([SOCKS5_VERSION, command, 0]);
  bytes.set(address, ADDRESS_OFFSET);
  return bytes;
}
