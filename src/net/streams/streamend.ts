// How a stream of Node has ended. After a reset behind unread bytes, libuv often takes the hang-up for FIN without
// asking the kernel (uv__stream_io), and Node emits `end`: a truncated stream would look complete.
import { readSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { descriptorOf } from '../native/descriptors.ts';

/** Ask when `end` is emitted. A stream that is no socket of the kernel has reported its reset already. */
export function endingOf(stream: Duplex): 'fin' | Error {
  const descriptor = stream instanceof Socket ? descriptorOf(stream) : undefined;
  if (descriptor === undefined) return 'fin';
  try {
    // At FIN this reads nothing, however often; the kernel reports an error once, and libuv has not read it.
    return readSync(descriptor, new Uint8Array(1)) === 0
      ? 'fin'
      : new Error('ended before its last bytes were read');
  } catch (error) {
    return error as Error;
  }
}
