// Wrap tokens of Kerberos (RFC 4121 section 4.2.6.2): the header, and the turning of what follows it. No key is needed for either.
import { newBytes } from '../base/bytes.ts';

export const WRAP_HEADER_BYTES = 16;

/** Bits of Flags. */
export const WRAP_FLAG = { SENT_BY_ACCEPTOR: 1, SEALED: 2, ACCEPTOR_SUBKEY: 4 } as const;

export interface WrapHeader {
  readonly flags: number;
  /** Extra count: bytes of filler of a sealed token, of the checksum in any other. */
  readonly extra: number;
  /** Right rotation count: so many bytes were taken from the end to the front, in steps of one. */
  readonly rotation: number;
  readonly sequence: bigint;
}

export interface WrapToken {
  readonly header: WrapHeader;
  /** Turned back: ciphertext and MAC, or data and checksum. */
  readonly body: Uint8Array;
}

/** undefined: no token of that kind. The whole token is given: it has no length of its own. */
export function decodeWrapToken(token: Uint8Array): WrapToken | undefined {
  const view = new DataView(token.buffer, token.byteOffset, token.byteLength);
  if (token.length < WRAP_HEADER_BYTES || view.getUint16(0) !== TOK_ID || token[3] !== FILLER)
    return undefined;
  const header = {
    flags: view.getUint8(2),
    extra: view.getUint16(4),
    rotation: view.getUint16(6),
    sequence: view.getBigUint64(8),
  };
  return { header, body: turnedBack(token.subarray(WRAP_HEADER_BYTES), header.rotation) };
}

/** The header alone. */
export function encodeWrapHeader({ flags, extra, rotation, sequence }: WrapHeader): Uint8Array {
  const bytes = newBytes(WRAP_HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(0, TOK_ID);
  view.setUint8(2, flags);
  view.setUint8(3, FILLER);
  view.setUint16(4, extra);
  view.setUint16(6, rotation);
  view.setBigUint64(8, sequence);
  return bytes;
}

const TOK_ID = 0x0504;
const FILLER = 0xff;

function turnedBack(body: Uint8Array, rotation: number): Uint8Array {
  const by = body.length === 0 ? 0 : rotation % body.length;
  if (by === 0) return body;
  const turned = newBytes(body.length);
  turned.set(body.subarray(by));
  turned.set(body.subarray(0, by), body.length - by);
  return turned;
}
