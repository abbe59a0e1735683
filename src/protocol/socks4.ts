// SOCKS4 and SOCKS4a: one request, one reply (for BIND two). There is no choice of methods and no login; the user id is an
// unproven claim of the client.
import { byteString, newBytes } from '../base/bytes.ts';
import { ANY_IPV4, familyOf, ipFromBytes, ipToBytes, type Endpoint } from '../base/ip.ts';
import { destinationOf, type Destination } from './address.ts';
import { SOCKS4_REPLY, SOCKS4_REPLY_VERSION, SOCKS4_VERSION } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

export interface Socks4Request {
  /** CD as sent; a number that is not in COMMAND is answered with 5B. */
  readonly command: number;
  /** USERID as sent, 0 to 255 bytes without NUL. */
  readonly userId: Uint8Array;
  /** undefined when the SOCKS4a name is one that no host can have. */
  readonly destination: Destination | undefined;
  /** Only then: the name as sent, or its beginning, and the port. */
  readonly unfit?: { readonly name: Uint8Array; readonly port: number };
}

export interface Socks4Reply {
  /** CD as sent: 5A is success, and everything else a failure. */
  readonly code: number;
  /** DSTIP and DSTPORT, which only the replies to BIND have to fill in. */
  readonly bound: Endpoint;
}

/** The offset of USERID, and the length of a reply. */
const USER_ID_OFFSET = 8;
/** The longest USERID and name, each without its NUL (V4-4, V4-5). */
const MAX_TEXT_LENGTH = 255;
/** DSTIP of SOCKS4a. */
const NAME_FOLLOWS = Uint8Array.of(0, 0, 0, 1);

/**
 * Decodes `VN CD DSTPORT DSTIP USERID NUL`, and for DSTIP 0.0.0.x the `NAME NUL` of SOCKS4a; bad with VERSION_UNSUPPORTED
 * or USER_ID_TOO_LONG, neither of which is answered.
 */
export function decodeSocks4Request(bytes: Uint8Array): Decoded<Socks4Request> {
  const version = bytes[0];
  if (version !== undefined && version !== SOCKS4_VERSION) return bad('VERSION_UNSUPPORTED');
  if (bytes.length < USER_ID_OFFSET) return more(USER_ID_OFFSET + 1);
  const userIdEnd = endOfText(bytes, USER_ID_OFFSET);
  if (userIdEnd > USER_ID_OFFSET + MAX_TEXT_LENGTH) return bad('USER_ID_TOO_LONG');
  if (userIdEnd === bytes.length) return more(bytes.length + 1);
  const userId = bytes.subarray(USER_ID_OFFSET, userIdEnd);
  const command = bytes[1] ?? 0;
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const ip = bytes.subarray(4, 8);
  if (!announcesName(ip)) {
    return done({ command, userId, destination: { kind: 'ip', ip: ipFromBytes(ip), port } }, userIdEnd + 1);
  }
  const nameStart = userIdEnd + 1;
  const nameEnd = endOfText(bytes, nameStart);
  // Too long for its NUL to matter; the client is answered all the same.
  if (nameEnd > nameStart + MAX_TEXT_LENGTH) {
    const unfit = { name: bytes.subarray(nameStart, nameStart + MAX_TEXT_LENGTH), port };
    return done({ command, userId, destination: undefined, unfit }, nameStart + MAX_TEXT_LENGTH + 1);
  }
  if (nameEnd === bytes.length) return more(bytes.length + 1);
  const name = bytes.subarray(nameStart, nameEnd);
  const destination = destinationOf(byteString(name), port);
  return destination === undefined
    ? done({ command, userId, destination, unfit: { name, port } }, nameEnd + 1)
    : done({ command, userId, destination }, nameEnd + 1);
}

/**
 * Encodes a request; a name is sent as in SOCKS4a. undefined when SOCKS4 cannot express it: the destination is IPv6, or an
 * address 0.0.0.x that would announce a name, or the user id has a NUL or more than 255 bytes.
 */
export function encodeSocks4Request({ command, userId, destination }: Socks4Request): Uint8Array | undefined {
  if (destination === undefined || userId.includes(0) || userId.length > MAX_TEXT_LENGTH) return undefined;
  const ip = destination.kind === 'name' ? NAME_FOLLOWS : ipToBytes(destination.ip);
  if (ip.length !== 4 || (destination.kind === 'ip' && announcesName(ip))) return undefined;
  const name = destination.kind === 'name' ? `${destination.name}\0` : '';
  const bytes = newBytes(USER_ID_OFFSET + userId.length + 1 + name.length);
  bytes.set([SOCKS4_VERSION, command, destination.port >> 8, destination.port & 0xff]);
  bytes.set(ip, 4);
  bytes.set(userId, USER_ID_OFFSET);
  bytes[USER_ID_OFFSET + userId.length] = 0;
  bytes.set(Buffer.from(name, 'latin1'), USER_ID_OFFSET + userId.length + 1);
  return bytes;
}

/** Decodes `VN CD DSTPORT DSTIP`. VN is 0; srelay and its likes send 4 (V4-1). */
export function decodeSocks4Reply(bytes: Uint8Array): Decoded<Socks4Reply> {
  const [version, code] = bytes;
  if (version !== undefined && version !== SOCKS4_REPLY_VERSION && version !== SOCKS4_VERSION) {
    return bad('VERSION_UNSUPPORTED');
  }
  if (bytes.length < USER_ID_OFFSET) return more(USER_ID_OFFSET);
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return done({ code: code ?? 0, bound: { ip: ipFromBytes(bytes.subarray(4, 8)), port } }, USER_ID_OFFSET);
}

/** Encodes `VN CD DSTPORT DSTIP`; an endpoint that is not IPv4 has no room there and is sent as zeros (V4-10). */
export function encodeSocks4Reply(verdict: 'granted' | 'rejected', bound?: Endpoint): Uint8Array {
  const bytes = newBytes(USER_ID_OFFSET);
  const shown = bound !== undefined && familyOf(bound.ip) === 4 ? bound : { ip: ANY_IPV4, port: 0 };
  bytes[0] = SOCKS4_REPLY_VERSION;
  bytes[1] = verdict === 'granted' ? SOCKS4_REPLY.GRANTED : SOCKS4_REPLY.REJECTED;
  bytes[2] = shown.port >> 8;
  bytes[3] = shown.port & 0xff;
  bytes.set(ipToBytes(shown.ip), 4);
  return bytes;
}

/** 0.0.0.x with x other than 0 (SOCKS4a). */
function announcesName(ip: Uint8Array): boolean {
  return ip[0] === 0 && ip[1] === 0 && ip[2] === 0 && ip[3] !== 0;
}

/** The position of the NUL that ends the text at `start`; `bytes.length` while there is none. */
function endOfText(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(0, start);
  return end < 0 ? bytes.length : end;
}
