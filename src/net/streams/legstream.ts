// A leg as a stream of Node that goes on reading and writing through it: where its connection cannot be released. It buffers no
// more than Node's streams do by themselves.
import { Duplex } from 'node:stream';
import type { Released, StreamCarrier } from '../released.ts';
import type { Leg } from '../transport.ts';

/** The part of a leg that a relay of streams takes over. */
export function streamOf(leg: Leg): Released {
  return { carrier: carrierOfLeg(leg), unread: [], finished: false, broken: false };
}

/** Takes the leg; the error of the stream is the fault of the leg. */
export function carrierOfLeg(leg: Leg): StreamCarrier {
  const stream: Duplex = new Duplex({
    read() {
      leg.read().then(
        (bytes) => {
          if (!stream.destroyed) stream.push(bytes ?? null);
        },
        (fault: unknown) => stream.destroy(fault as Error),
      );
    },
    write: (bytes: Uint8Array, _encoding, done) => writeAll(leg, bytes, done),
    // In one piece: each write costs a system call.
    writev: (pieces, done) =>
      writeAll(leg, Buffer.concat(pieces.map(({ chunk }) => chunk as Uint8Array)), done),
    final(done) {
      leg.finish();
      done();
    },
    // A stream destroyed in the middle is reset.
    destroy(error, done) {
      leg.close(stream.writableFinished ? 'fin' : 'reset');
      done(error);
    },
  });
  leg.whenReset((fault) => stream.destroy(fault));
  return {
    stream,
    reset() {
      leg.close('reset');
      stream.destroy();
    },
  };
}

/** A leg keeps more than this for a slow peer, but not everything. */
const MOST_AT_ONCE = 65_536;

type Done = (error?: Error | null) => void;

/** Writes in parts, each when the one before has left; `done` hears when nothing waits any more. */
export function writeAll(leg: Leg, bytes: Uint8Array, done: Done): void {
  try {
    send(leg, bytes, done);
  } catch (error) {
    // The transport was closed, and the leg with it.
    done(error as Error);
  }
}

function send(leg: Leg, bytes: Uint8Array, done: Done): void {
  leg.write(bytes.subarray(0, MOST_AT_ONCE));
  const rest = bytes.subarray(MOST_AT_ONCE);
  leg.whenDrained(rest.length === 0 ? done : () => send(leg, rest, done));
}
