// A record on its way out, and what every way out can do with it.
import type { Ip } from '../../base/ip.ts';
import type { LogFormat } from '../../config/model/config.ts';
import type { RecordLevel } from './level.ts';

/**
 * The rooms in which records wait for a slow reader; none can take the space of another. `daemon`: records about the daemon
 * itself and its operator; `rest`: refusals, and whatever else clients can cause at will.
 */
export type RoomName = 'daemon' | 'bans' | 'logins' | 'sessions' | 'rest';

/** The client that a record is counted for: the one with most records gives way. */
export interface LineOwner {
  readonly room: RoomName;
  /** undefined when the record is about no client in particular. */
  readonly client: Ip | undefined;
}

/** One formatted record, without line end. */
export interface Line extends LineOwner {
  readonly level: RecordLevel;
  readonly event: string;
  readonly format: LogFormat;
  readonly timeMs: number;
  readonly text: string;
}

/** Makes the line that says afterwards how many records of each event had no room. */
export type DroppedLine = (counts: ReadonlyMap<string, number>) => Line;

/** Says one sentence to the operator about the log itself, once per outage. */
export type Warn = (sentence: string) => void;

/** A way out. write() returns at once, whatever the reader does. */
export interface Sink {
  write(line: Line): void;
  /** Settles when nothing waits any more; never rejects, and may never settle while a reader stalls. */
  drained(): Promise<void>;
  /** Ends it; waiting records are lost. */
  close(): Promise<void>;
}
