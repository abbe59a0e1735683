// The answer to a request (RFC 1928 section 6).
import { newBytes } from '../base/bytes.ts';
import { ANY_IPV4, type Endpoint } from '../base/ip.ts';
import { encodeAddress } from './address.ts';
import { SOCKS5_VERSION, type Rep } from './codes.ts';

/** BND of a failure: ATYP 01 and zeros, the form that every client can read (V5-12). */
const NOT_BOUND: Endpoint = { ip: ANY_IPV4, port: 0 };

/** Encodes `VER REP RSV ATYP BND.ADDR BND.PORT`. */
export function encodeReply(rep: Rep, bound: Endpoint = NOT_BOUND): Uint8Array {
  const address = encodeAddress(bound);
  const bytes = newBytes(3 + address.length);
  bytes[0] = SOCKS5_VERSION;
  bytes[1] = rep;
  bytes[2] = 0;
  bytes.set(address, 3);
  return bytes;
}
