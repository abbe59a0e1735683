// The answer to a request (RFC 1928 section 6).
import { concatBytes } from '../base/bytes.ts';
import { ANY_IPV4, type Endpoint } from '../base/ip.ts';
import { decodeAddress, encodeAddressAfter, encodeName, type Destination } from './address.ts';
import { REP, SOCKS5_VERSION, type Rep } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface Reply {
  /** REP as sent, in REP or not. */
  readonly rep: number;
  /** BND, which may be a name; undefined in a failure. */
  readonly bound: Destination | undefined;
}

/** The offset of ATYP. */
const ADDRESS_OFFSET = 3;

/** BND of a failure: ATYP 01 and zeros, the form that every client can read (V5-12). */
const NOT_BOUND: Endpoint = { ip: ANY_IPV4, port: 0 };

/**
 * Decodes `VER REP RSV ATYP BND.ADDR BND.PORT`; RSV is ignored. A failure ends with its REP: some servers send no more, and the
 * rest of it has no use.
 */
export function decodeReply(bytes: Uint8Array): Decoded<Reply> {
  const [version, rep] = bytes;
  if (version !== undefined && version !== SOCKS5_VERSION) return bad('VERSION_UNSUPPORTED');
  if (rep === undefined) return more(2);
  if (rep !== REP.SUCCEEDED) return done({ rep, bound: undefined }, 2);
  const address = decodeAddress(bytes, ADDRESS_OFFSET);
  return address.kind === 'done' ? done({ rep, bound: address.value }, address.size) : address;
}

/** Encodes `VER REP RSV ATYP BND.ADDR BND.PORT`. */
export function encodeReply(rep: Rep, bound: Endpoint = NOT_BOUND): Uint8Array {
  const bytes = encodeAddressAfter(ADDRESS_OFFSET, bound);
  bytes[0] = SOCKS5_VERSION;
  bytes[1] = rep;
  bytes[2] = 0;
  return bytes;
}

/** Encodes the reply that tells a host name: BND is of ATYP 03, with port 0 (Tor's socks-extensions.txt section 2). */
export function encodeNameReply(name: string): Uint8Array {
  return concatBytes(Uint8Array.of(SOCKS5_VERSION, REP.SUCCEEDED, 0), encodeName(name, 0));
}
