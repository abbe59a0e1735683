// Descriptors passed to other processes through the addon (unix(7), SCM_RIGHTS), and the descriptors of Node's own
// sockets.
import type { Server, Socket } from 'node:net';
import type { Addon } from './addon.ts';
import { systemError } from './errno.ts';

/** Most descriptors of one message (SCM_MAX_FD of Linux). */
const MOST_DESCRIPTORS = 253;

/** Size of the pieces in which the bytes beside descriptors are read. */
const PIECE_BYTES = 4096;

/** The descriptor of a socket of Node; undefined if Node hides it. Node has no public way to ask. */
export function descriptorOf(socket: Server | Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle?: { readonly fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}

/** A descriptor of a blocking Unix socket connected to `path`. Throws the system's error. */
export function connectUnix(addon: Addon, path: string, timeoutMs: number): number {
  return mustSucceed(addon.connectUnix(path, timeoutMs), 'connect', path);
}

/** Sends `bytes` together with copies of the descriptors, or throws the system's error and sends neither. */
export function sendDescriptors(
  addon: Addon,
  socket: number,
  bytes: Uint8Array,
  descriptors: readonly number[],
): void {
  if (descriptors.length > MOST_DESCRIPTORS) {
    throw new RangeError(
      `${descriptors.length} sockets are more than one message can carry (${MOST_DESCRIPTORS})`,
    );
  }
  const packed = new Uint8Array(Int32Array.from(descriptors).buffer);
  mustSucceed(addon.sendDescriptors(socket, bytes, packed), 'sendmsg', 'descriptors');
}

/** One piece from a socket of connectUnix(): no bytes at the end of the stream. */
export interface ReceivedPiece {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly number[];
  /** The sending process, as the kernel tells it (SCM_CREDENTIALS, unix(7)); pid 0: unknown. */
  readonly sender: { readonly pid: number; readonly uid: number };
}

/** The next piece. Throws the system's error, EAGAIN after the timeout. */
export function receiveDescriptors(addon: Addon, socket: number): ReceivedPiece {
  const bytes = new Uint8Array(PIECE_BYTES);
  const descriptors = new Int32Array(MOST_DESCRIPTORS);
  const sender = new Uint32Array(2);
  const size = addon.receiveDescriptors(
    socket,
    bytes,
    new Uint8Array(descriptors.buffer),
    new Uint8Array(sender.buffer),
  );
  mustSucceed(size, 'recvmsg', 'descriptors');
  const [pid = 0, uid = 0] = sender;
  return {
    bytes: bytes.subarray(0, size),
    descriptors: [...descriptors].filter((each) => each >= 0),
    sender: { pid, uid },
  };
}

/** The uid of the process that has connected a Unix socket; undefined where the kernel does not tell. */
export function accountOf(addon: Pick<Addon, 'peerCredentials'>, socket: number): number | undefined {
  const ids = new Uint32Array(3);
  if (addon.peerCredentials(socket, new Uint8Array(ids.buffer)) < 0) return undefined;
  const [, uid] = ids;
  return uid === NOBODY ? undefined : uid;
}

/** (uid_t)-1 */
const NOBODY = 0xffffffff;

function mustSucceed(status: number, call: string, subject: string): number {
  if (status < 0) throw systemError(call, -status, subject);
  return status;
}
