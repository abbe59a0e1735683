// The messages between the daemon and its starter over two pipes: `KIND CHILD LENGTH BYTES`, a byte, two, four and as many as
// that. Each end trusts the other as little as a client: an invalid frame ends the connection.
import { newBytes } from '../../base/bytes.ts';
import { bad, done, more, type Decoded } from '../decoded.ts';

export const FRAME = {
  /** To the starter: start the child; bytes for its standard input; end it. */
  START: 1,
  INPUT: 2,
  END: 3,
  /** From it: bytes of the standard output and of the standard error; the child has ended, and how, as text. */
  OUTPUT: 4,
  ERRORS: 5,
  ENDED: 6,
  /** From it, once: the account that it has become, as text; or why it could not. */
  READY: 7,
  FAILED: 8,
} as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly kind: FrameKind;
  /** Which of the children, from 0 on. */
  readonly child: number;
  readonly bytes: Uint8Array;
}

/** Of the bytes of one frame. */
export const MAX_FRAME_BYTES = 65_536;

const HEAD_BYTES = 7;
const KINDS: ReadonlySet<number> = new Set(Object.values(FRAME));

export function encodeFrame({ kind, child, bytes }: Frame): Uint8Array {
  const frame = newBytes(HEAD_BYTES + bytes.length);
  new DataView(frame.buffer, frame.byteOffset).setUint8(0, kind);
  new DataView(frame.buffer, frame.byteOffset).setUint16(1, child);
  new DataView(frame.buffer, frame.byteOffset).setUint32(3, bytes.length);
  frame.set(bytes, HEAD_BYTES);
  return frame;
}

export function decodeFrame(bytes: Uint8Array): Decoded<Frame> {
  const [kind] = bytes;
  if (kind !== undefined && !KINDS.has(kind)) return bad('LOGIN_UNAVAILABLE', `a frame of kind ${kind}`);
  if (bytes.length < HEAD_BYTES) return more(HEAD_BYTES);
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
  const length = head.getUint32(3);
  if (length > MAX_FRAME_BYTES) return bad('LOGIN_UNAVAILABLE', `a frame of ${length} bytes`);
  const size = HEAD_BYTES + length;
  if (bytes.length < size) return more(size);
  const frame = {
    kind: kind as FrameKind,
    child: head.getUint16(1),
    bytes: bytes.subarray(HEAD_BYTES, size),
  };
  return done(frame, size);
}
