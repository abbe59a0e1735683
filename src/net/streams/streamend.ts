// How a stream of Node has ended. Where a peer resets behind bytes that were not read yet, libuv often takes the hang-up for
// FIN without asking the kernel (uv__stream_io), and Node emits `end`: what was cut off would look whole.
import { readSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { descriptorOf } from '../native/descriptors.ts';

/** To be asked when `end` is emitted. What is no socket of the kernel has told by itself. */
export function endingOf(stream: Duplex): 'fin' | Error {
  const descriptor = stream instanceof Socket ? descriptorOf(stream) : undefined;
  if (descriptor === undefined) return 'fin';
  try {
    // At FIN this reads nothing, however often; an error is told once, and nobody has heard it yet.
    return readSync(descriptor, new Uint8Array(1)) === 0
      ? 'fin'
      : new Error('ended before its last bytes were read');
  } catch (error) {
    return error as Error;
  }
}
