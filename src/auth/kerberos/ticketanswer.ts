// The messages between the daemon and pis5tickets (native/tickets/tickets.c): `ID LENGTH BYTES`, numbers of 32 bits in network order.
import { newBytes } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../../protocol/decoded.ts';

const HEAD_BYTES = 8;

/** As in native/tickets/kerberos.h, rounded up. */
const MOST_ANSWER_BYTES = 70_000;

/** A question: the token of a client. */
export function encodeTicketQuestion(id: number, token: Uint8Array): Uint8Array {
  const bytes = newBytes(HEAD_BYTES + token.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, id);
  view.setUint32(4, token.length);
  bytes.set(token, HEAD_BYTES);
  return bytes;
}

/** The key of a context, as Kerberos gives it away. */
export interface GivenKey {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly isAcceptorSubkey: boolean;
  readonly sendSequence: bigint;
  readonly receiveSequence: bigint;
}

/**
 * `ready`: it has read its keys, or has taken the place of a process that was killed. `pauses`: it will take that place, and reads nothing
 * until then. `refused`: the ticket is wrong; `failed`: what reads it is.
 */
export type TicketAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pauses'; readonly seconds: number }
  | {
      readonly kind: 'accepted';
      readonly flags: number;
      readonly key: GivenKey;
      readonly principal: string;
      readonly token: Uint8Array;
    }
  | { readonly kind: 'refused' | 'failed'; readonly why: string };

export interface NumberedAnswer {
  readonly id: number;
  readonly answer: TicketAnswer;
}

export function decodeTicketAnswer(bytes: Uint8Array): Decoded<NumberedAnswer> {
  if (bytes.length < HEAD_BYTES) return more(HEAD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = view.getUint32(0);
  const length = view.getUint32(4);
  if (length > MOST_ANSWER_BYTES) return bad('MESSAGE_MALFORMED');
  const size = HEAD_BYTES + length;
  if (bytes.length < size) return more(size);
  const answer = answerOf(bytes.subarray(HEAD_BYTES, size));
  return answer === undefined ? bad('MESSAGE_MALFORMED') : done({ id, answer }, size);
}

function answerOf(bytes: Uint8Array): TicketAnswer | undefined {
  switch (bytes[0]) {
    case undefined:
      return { kind: 'ready' };
    case 0:
      return acceptedOf(bytes);
    case 1:
      return { kind: 'refused', why: textOf(bytes.subarray(1)) };
    case 2:
      return { kind: 'failed', why: textOf(bytes.subarray(1)) };
    case 3:
      return pauseOf(bytes);
    default:
      return undefined;
  }
}

function pauseOf(bytes: Uint8Array): TicketAnswer | undefined {
  if (bytes.length !== 5) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { kind: 'pauses', seconds: view.getUint32(1) };
}

/** status, flags, key type: 1, 4, 4 bytes; subkey: 1; two numbers of 8; key and name with two bytes of length; token. */
const KEY_AT = 26;

function acceptedOf(bytes: Uint8Array): TicketAnswer | undefined {
  if (bytes.length < KEY_AT + 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameAt = KEY_AT + 2 + view.getUint16(KEY_AT);
  if (bytes.length < nameAt + 2) return undefined;
  const tokenAt = nameAt + 2 + view.getUint16(nameAt);
  if (bytes.length < tokenAt) return undefined;
  return {
    kind: 'accepted',
    flags: view.getUint32(1),
    key: {
      type: view.getUint32(5),
      bytes: bytes.slice(KEY_AT + 2, nameAt),
      isAcceptorSubkey: bytes[9] !== 0,
      sendSequence: view.getBigUint64(10),
      receiveSequence: view.getBigUint64(18),
    },
    principal: textOf(bytes.subarray(nameAt + 2, tokenAt)),
    token: bytes.slice(tokenAt),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
