// Where a worker finds what its parent has for it, and how it knows that it is one.

/** Descriptors of a worker: lines in both directions, and sockets that the parent passes. */
export const CHANNEL = 3;
export const DESCRIPTORS = 4;

/** Has the process id of the parent, so that it means nothing to any other process. */
export const WORKER_VARIABLE = '_PICOSOCKS5_PARENT';

/** Whether this process was started as a worker; asked once. */
export function isWorker(env = process.env, parent = process.ppid): boolean {
  const told = env[WORKER_VARIABLE];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete env[WORKER_VARIABLE];
  return told === String(parent);
}
