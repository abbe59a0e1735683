// Keeps a bug in one listener from stopping the others.

/** Throws `error` to the process from an event of its own, so that the caller goes on with the other listeners. */
export function throwToProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
