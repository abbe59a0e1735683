// The first message of a client, whose first byte tells the protocol. Of HTTP that is all that is read here: its dialect reads the
// head.
import { byteString } from '../base/bytes.ts';
import { SOCKS4_VERSION } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';
import { decodeGreeting, type Greeting } from './greeting.ts';
import { decodeSocks4Request, type Socks4Request } from './socks4.ts';

export type Opening =
  | { readonly version: 5; readonly greeting: Greeting }
  | { readonly version: 4; readonly request: Socks4Request }
  /** `begun`: the first letters of a method, to be read again with the rest. */
  | { readonly version: 'http'; readonly begun: string };

/** Decodes a SOCKS5 greeting, a SOCKS4 request, or as much of an HTTP request as tells that it is one. */
export function decodeOpening(bytes: Uint8Array): Decoded<Opening> {
  const first = bytes[0];
  if (first === undefined) return more(1);
  if (isLetter(first)) return decodeLetters(bytes);
  if (first === TLS_HANDSHAKE) return bad('TLS_UNEXPECTED');
  if (first === SOCKS4_VERSION) {
    const request = decodeSocks4Request(bytes);
    return request.kind === 'done' ? done({ version: 4, request: request.value }, request.size) : request;
  }
  const greeting = decodeGreeting(bytes);
  return greeting.kind === 'done' ? done({ version: 5, greeting: greeting.value }, greeting.size) : greeting;
}

/** The content type of a ClientHello (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** Other protocols whose clients begin with letters; they are not answered in HTTP. */
const OTHERS = ['SSH-', 'PROXY '];

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function decodeLetters(bytes: Uint8Array): Decoded<Opening> {
  const text = byteString(bytes.subarray(0, 8));
  for (let length = 1; length <= text.length; length++) {
    const begun = text.slice(0, length);
    if (OTHERS.includes(begun)) return bad('VERSION_UNSUPPORTED');
    if (!OTHERS.some((other) => other.startsWith(begun))) return done({ version: 'http', begun }, length);
  }
  return more(bytes.length + 1);
}
