// The first message of a client, whose first byte tells the protocol.
import { SOCKS4_VERSION } from './codes.ts';
import { done, type Decoded } from './decoded.ts';
import { decodeGreeting, type Greeting } from './greeting.ts';
import { decodeSocks4Request, type Socks4Request } from './socks4.ts';

export type Opening =
  | { readonly version: 5; readonly greeting: Greeting }
  | { readonly version: 4; readonly request: Socks4Request };

/** Decodes a SOCKS5 greeting or a SOCKS4 request. */
export function decodeOpening(bytes: Uint8Array): Decoded<Opening> {
  if (bytes[0] === SOCKS4_VERSION) {
    const request = decodeSocks4Request(bytes);
    return request.kind === 'done' ? done({ version: 4, request: request.value }, request.size) : request;
  }
  const greeting = decodeGreeting(bytes);
  return greeting.kind === 'done' ? done({ version: 5, greeting: greeting.value }, greeting.size) : greeting;
}
