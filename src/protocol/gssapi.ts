// Messages of the login method GSSAPI (RFC 1961): `VER MTYP LEN TOKEN`, and an abort without the last two.
import { newBytes } from '../base/bytes.ts';
import { GSSAPI_MESSAGE, GSSAPI_VERSION, type GssapiMessage } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

const HEAD_BYTES = 4;

/** Most bytes of a token, which its two bytes of length can say. */
export const MAX_TOKEN_BYTES = 65_535;

/** Decodes `VER MTYP LEN` of a message of `type` (RFC 1961 sections 3.4, 4.3 and 5): the length of its token. */
export function decodeGssapiHead(bytes: Uint8Array, type: GssapiMessage): Decoded<number> {
  const [version, messageType, high, low] = bytes;
  if (version !== undefined && version !== GSSAPI_VERSION) return bad('LOGIN_VERSION_UNSUPPORTED');
  if (messageType !== undefined && messageType !== type)
    return bad('MESSAGE_MALFORMED', `message type ${messageType} of GSSAPI instead of ${type}`);
  if (high === undefined || low === undefined) return more(HEAD_BYTES);
  return done((high << 8) | low, HEAD_BYTES);
}

/** Encodes a message of `type`; the token has MAX_TOKEN_BYTES at most. */
export function encodeGssapi(type: GssapiMessage, token: Uint8Array): Uint8Array {
  const bytes = newBytes(HEAD_BYTES + token.length);
  bytes.set([GSSAPI_VERSION, type, token.length >> 8, token.length & 0xff]);
  bytes.set(token, HEAD_BYTES);
  return bytes;
}

/** Encodes the refusal, after which the connection is closed (RFC 1961 section 3.8). */
export function encodeGssapiAbort(): Uint8Array {
  return Uint8Array.of(GSSAPI_VERSION, GSSAPI_MESSAGE.ABORT);
}

/** A whole token and the bytes behind it; the length of one that is not whole, once that is known; or why there can be none. */
export type Assembled =
  | { readonly kind: 'token'; readonly token: Uint8Array; readonly rest: Uint8Array }
  | { readonly kind: 'more'; readonly tokenBytes: number | undefined }
  | Extract<Decoded<never>, { readonly kind: 'bad' }>;

/**
 * Puts one message together from the pieces in which it comes. A token is long, and may come byte by byte: each is copied once, and
 * one that comes whole is not copied.
 */
export class TokenAssembly {
  readonly #type: GssapiMessage;
  readonly #head = newBytes(HEAD_BYTES);
  #headBytes = 0;
  #token: Uint8Array | undefined;
  #tokenBytes = 0;

  constructor(type: GssapiMessage) {
    this.#type = type;
  }

  /** Whether a part of a message is there, and not all of it. */
  get isBegun(): boolean {
    return this.#headBytes > 0;
  }

  take(bytes: Uint8Array): Assembled {
    const behindHead = this.#takeHead(bytes);
    const head = decodeGssapiHead(this.#head.subarray(0, this.#headBytes), this.#type);
    if (head.kind === 'bad') return head;
    if (head.kind === 'more') return { kind: 'more', tokenBytes: undefined };
    return this.#takeToken(bytes.subarray(behindHead), head.value);
  }

  #takeHead(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEAD_BYTES - this.#headBytes);
    this.#head.set(part, this.#headBytes);
    this.#headBytes += part.length;
    return part.length;
  }

  #takeToken(bytes: Uint8Array, length: number): Assembled {
    if (this.#token === undefined && bytes.length >= length)
      return this.#whole(bytes.subarray(0, length), bytes.subarray(length));
    this.#token ??= new Uint8Array(length);
    const part = bytes.subarray(0, length - this.#tokenBytes);
    this.#token.set(part, this.#tokenBytes);
    this.#tokenBytes += part.length;
    if (this.#tokenBytes < length) return { kind: 'more', tokenBytes: length };
    return this.#whole(this.#token, bytes.subarray(part.length));
  }

  /** The next byte begins another message. */
  #whole(token: Uint8Array, rest: Uint8Array): Assembled {
    this.#headBytes = 0;
    this.#token = undefined;
    this.#tokenBytes = 0;
    return { kind: 'token', token, rest };
  }
}
