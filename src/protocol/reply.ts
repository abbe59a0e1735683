// The answer to a request (RFC 1928 section 6).
import { newBytes } from '../base/bytes.ts';
import { ANY_IPV4, type Endpoint } from '../base/ip.ts';
import { encodeAddress, encodeName } from './address.ts';
import { REP, SOCKS5_VERSION, type Rep } from './codes.ts';

/** BND of a failure: ATYP 01 and zeros, the form that every client can read (V5-12). */
const NOT_BOUND: Endpoint = { ip: ANY_IPV4, port: 0 };

/** Encodes `VER REP RSV ATYP BND.ADDR BND.PORT`. */
export function encodeReply(rep: Rep, bound: Endpoint = NOT_BOUND): Uint8Array {
  return encodeWith(rep, encodeAddress(bound));
}

/** Encodes the reply that tells a host name: BND is of ATYP 03, with port 0 (Tor's socks-extensions.txt section 2). */
export function encodeNameReply(name: string): Uint8Array {
  return encodeWith(REP.SUCCEEDED, encodeName(name, 0));
}

function encodeWith(rep: Rep, address: Uint8Array): Uint8Array {
  const bytes = newBytes(3 + address.length);
  bytes[0] = SOCKS5_VERSION;
  bytes[1] = rep;
  bytes[2] = 0;
  bytes.set(address, 3);
  return bytes;
}
