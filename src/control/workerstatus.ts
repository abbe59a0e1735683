// Workers of a daemon that has several, in the answer to `status`.
import { maybe, object, whole, type ShapeReader } from './shape.ts';

/** One of the processes that serve below the one that answers. */
export interface WorkerStatus {
  /** From 1 on. */
  readonly worker: number;
  /** Absent: it is being replaced, or has not answered in time. */
  readonly pid: number | undefined;
  readonly live: number;
  readonly memoryBytes: number | undefined;
}

const count = whole(0);

export const WORKER: ShapeReader<WorkerStatus> = object({
  worker: count,
  pid: maybe(count),
  live: count,
  memoryBytes: maybe(count),
});
