// A record on its way out, and what every way out can do with it.
import type { LogFormat } from '../config/config.ts';
import type { RecordLevel } from './level.ts';

/** One formatted record, without line end. */
export interface Line {
  readonly level: RecordLevel;
  readonly format: LogFormat;
  readonly timeMs: number;
  readonly text: string;
}

/** Makes the line that says afterwards how many records had no room. */
export type DroppedLine = (count: number) => Line;

/** Says one sentence to the operator about the log itself, once per outage. */
export type Warn = (sentence: string) => void;

/** A way out. write() returns at once, whatever the reader does. */
export interface Sink {
  write(line: Line): void;
  /** Settles when nothing waits any more; never rejects, and may never settle while a reader stalls. */
  drained(): Promise<void>;
  /** Ends it; what still waits is lost. */
  close(): Promise<void>;
}
