// Time for limits and measures.

// The global is a getter, and this is asked several times for each connection.
const { hrtime } = process;

/**
 * Milliseconds, with fractions, of a clock that never jumps; its zero means nothing. Loading `performance.now()` would cost 0.7
 * MB for the same.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
