// What becomes of a bug in one of many listeners.

/** Throws `error` to the process, as from an event of its own: whoever calls goes on with the other listeners. */
export function throwToProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
