// The messages of saslauthd(8), one question on each connection: four counted strings, answered by one (lib/checkpw.c of Cyrus SASL).
import { newBytes } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';

export interface SaslauthdQuestion {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  readonly service: Uint8Array;
  readonly realm: Uint8Array;
}

export interface SaslauthdAnswer {
  readonly verdict: 'yes' | 'no';
  /** For people, a byte string; absent: it gave none. */
  readonly message?: string;
}

/** Of each string of a question: saslauthd hangs up on a longer one (MAX_REQ_LEN). */
export const MAX_STRING_BYTES = 256;

/** Of an answer, which is OK or NO and a sentence. */
export const MAX_ANSWER_BYTES = 1024;

const LENGTH_BYTES = 2;

/** Encodes `LENGTH USER LENGTH PASSWORD LENGTH SERVICE LENGTH REALM`, of MAX_STRING_BYTES at most each. */
export function encodeSaslauthdQuestion({ user, password, service, realm }: SaslauthdQuestion): Uint8Array {
  const parts = [user, password, service, realm];
  const bytes = newBytes(parts.reduce((sum, part) => sum + LENGTH_BYTES + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes[at] = part.length >> 8;
    bytes[at + 1] = part.length & 0xff;
    bytes.set(part, at + LENGTH_BYTES);
    at += LENGTH_BYTES + part.length;
  }
  return bytes;
}

/** Decodes `LENGTH` and `OK` or `NO`, with a sentence behind it. */
export function decodeSaslauthdAnswer(bytes: Uint8Array): Decoded<SaslauthdAnswer> {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return more(LENGTH_BYTES);
  const length = high * 256 + low;
  if (length > MAX_ANSWER_BYTES) return bad('LOGIN_UNAVAILABLE', `an answer of ${length} bytes`);
  const size = LENGTH_BYTES + length;
  if (bytes.length < size) return more(size);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + LENGTH_BYTES, length).toString('latin1');
  const [, word, rest = ''] = /^(OK|NO)(?:[\s\0]+(.*))?$/s.exec(text) ?? [];
  if (word === undefined)
    return bad('LOGIN_UNAVAILABLE', `an answer that is none: ${JSON.stringify(text.slice(0, 80))}`);
  const message = rest.replace(/[\s\0]+$/, '');
  return done({ verdict: word === 'OK' ? 'yes' : 'no', ...(message === '' ? {} : { message }) }, size);
}
