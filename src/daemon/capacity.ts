// How many sessions the descriptors of this process allow.

/** Kept for the log, the resolver, password files and the threads, beside those already open. */
const RESERVED_DESCRIPTORS = 12;

/** At most this many for each relay thread, and one of so many in all: PIPES_PER_THREAD in native/pipes.h, pipes_share(). */
const PIPE_ENDS_PER_THREAD = 32;
const DESCRIPTORS_PER_PIPE_END = 32;

/**
 * Sessions that fit under a limit of descriptors, `open` of which are in use and stay so; at least 1. A session needs
 * two; relay threads of the engine open pipes for bulk.
 */
export function sessionCapacity(limit: number, open: number, relayThreads: number): number {
  const pipeEnds = Math.min(relayThreads * PIPE_ENDS_PER_THREAD, limit / DESCRIPTORS_PER_PIPE_END);
  return Math.max(1, Math.floor((limit - open - RESERVED_DESCRIPTORS - pipeEnds) / 2));
}
