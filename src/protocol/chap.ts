// Messages of CHAP: attributes with values, in any order (draft-ietf-aft-socks-chap-01). Text for people and attributes
// that the draft does not know are skipped; one that counts must not stand there twice.
import { concatBytes, newBytes } from '../base/bytes.ts';
import { CHAP_ATTRIBUTE, CHAP_VERSION } from './codes.ts';
import { bad, done, more, type Decoded } from './decoded.ts';

/** One message. Values have 0 to 255 bytes; undefined when the message lacks the attribute. */
export interface ChapMessage {
  /** One byte; 0 is success. */
  readonly status: number | undefined;
  /** One byte each, the client's favourite not necessarily first. */
  readonly algorithms: Uint8Array | undefined;
  /** One byte, which the algorithm MD5 needs. */
  readonly identifier: number | undefined;
  readonly challenge: Uint8Array | undefined;
  readonly user: Uint8Array | undefined;
  readonly response: Uint8Array | undefined;
}

/** Room for every attribute of the draft at its longest, and some more. NAVAS and LEN would allow 65 KB before any login. */
const MAX_MESSAGE_BYTES = 2048;

/** The values of attributes that count. */
const SHAPES: ReadonlyMap<number, 'byte' | 'bytes'> = new Map([
  [CHAP_ATTRIBUTE.STATUS, 'byte'],
  [CHAP_ATTRIBUTE.USER_IDENTITY, 'bytes'],
  [CHAP_ATTRIBUTE.CHALLENGE, 'bytes'],
  [CHAP_ATTRIBUTE.RESPONSE, 'bytes'],
  [CHAP_ATTRIBUTE.IDENTIFIER, 'byte'],
  [CHAP_ATTRIBUTE.ALGORITHMS, 'bytes'],
]);

/** Decodes `VER NAVAS (ATT LEN VAL)...` (draft section "Message Format"). */
export function decodeChapMessage(bytes: Uint8Array): Decoded<ChapMessage> {
  const version = bytes[0];
  const count = bytes[1];
  if (version !== undefined && version !== CHAP_VERSION) return bad('LOGIN_VERSION_UNSUPPORTED');
  if (count === undefined) return more(2);
  const values = new Map<number, Uint8Array>();
  let size = 2;
  for (let left = count; left > 0; left--) {
    const attribute = bytes[size];
    const length = bytes[size + 1];
    if (attribute === undefined || length === undefined) return more(size + 2 * left);
    const start = size + 2;
    size = start + length;
    const atLeast = size + 2 * (left - 1);
    if (atLeast > MAX_MESSAGE_BYTES || !mayStand(attribute, length, values)) return bad('MESSAGE_MALFORMED');
    if (bytes.length < size) return more(atLeast);
    values.set(attribute, bytes.subarray(start, size));
  }
  return done(messageOf(values), size);
}

/** Encodes a message with those fields that are given. Values above 255 bytes are a bug. */
export function encodeChapMessage(message: Partial<ChapMessage>): Uint8Array {
  const { status, algorithms, identifier, challenge, user, response } = message;
  const assertions = [
    encodeAssertion(CHAP_ATTRIBUTE.STATUS, octet(status)),
    encodeAssertion(CHAP_ATTRIBUTE.ALGORITHMS, algorithms),
    encodeAssertion(CHAP_ATTRIBUTE.IDENTIFIER, octet(identifier)),
    encodeAssertion(CHAP_ATTRIBUTE.CHALLENGE, challenge),
    encodeAssertion(CHAP_ATTRIBUTE.USER_IDENTITY, user),
    encodeAssertion(CHAP_ATTRIBUTE.RESPONSE, response),
  ].filter((assertion) => assertion !== undefined);
  return assertions.reduce(concatBytes, Uint8Array.of(CHAP_VERSION, assertions.length));
}

function mayStand(attribute: number, length: number, before: ReadonlyMap<number, Uint8Array>): boolean {
  const shape = SHAPES.get(attribute);
  if (shape === undefined) return true;
  return !before.has(attribute) && (shape === 'bytes' || length === 1);
}

function messageOf(values: ReadonlyMap<number, Uint8Array>): ChapMessage {
  return {
    status: values.get(CHAP_ATTRIBUTE.STATUS)?.[0],
    algorithms: values.get(CHAP_ATTRIBUTE.ALGORITHMS),
    identifier: values.get(CHAP_ATTRIBUTE.IDENTIFIER)?.[0],
    challenge: values.get(CHAP_ATTRIBUTE.CHALLENGE),
    user: values.get(CHAP_ATTRIBUTE.USER_IDENTITY),
    response: values.get(CHAP_ATTRIBUTE.RESPONSE),
  };
}

function octet(value: number | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : Uint8Array.of(value);
}

function encodeAssertion(attribute: number, value: Uint8Array | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const bytes = newBytes(2 + value.length);
  bytes.set([attribute, value.length]);
  bytes.set(value, 2);
  return bytes;
}
