// The log of the daemon: one level, one form, one or two ways out. write() never waits for a reader, and a record
// below the level costs one comparison.
import type { LogFormat, LogLevel, LogMode } from '../config/model/config.ts';
import { takesLevel, type RecordLevel } from './lines/level.ts';
import type { DroppedLine, Line, LineOwner, Sink } from './lines/line.ts';
import { countsText, formatJson, formatText, type Fields, type LogRecord } from './lines/record.ts';
import { openStderr } from './lines/stderr.ts';
import { openSyslog, type SyslogOptions } from './syslog/syslog.ts';

export interface Log {
  /** Whether write() would write: for callers whose fields take work. */
  enabled(level: RecordLevel): boolean;
  /** `event` and the keys of `fields` are words of this program; values and `text` may hold anything. */
  write(level: RecordLevel, event: string, fields?: Fields, text?: string): void;
  /** The same for what clients cause: the record waits at the expense of `owner`. */
  tell(record: LogRecord, owner: LineOwner): void;
  /** For a reload. Records already written keep their form. */
  configure(level: LogLevel, format: LogFormat): void;
  /** Settles when every record is delivered, or after `timeoutMs`. Never rejects. */
  drain(timeoutMs: number): Promise<void>;
  /** Closes every output; waiting records are lost, so drain() first. */
  close(): Promise<void>;
}

export interface LogOptions extends SyslogOptions {
  readonly mode: LogMode;
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Processes that write to the same standard error; absent: one. */
  readonly writers?: 'one' | 'several';
}

const STDERR_FD = 2;

const OF_DAEMON: LineOwner = { room: 'daemon', client: undefined };

/**
 * Opens the log; to be done before privileges are dropped. Never rejects: trouble goes to `warn`, and where there
 * is no way to the system log at all, standard error takes its place.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const log = new SinkLog(options);
  const droppedLine: DroppedLine = (counts) => log.droppedLine(counts);
  const syslog = options.mode === 'stderr' ? undefined : await openSyslog(options, droppedLine);
  if (syslog !== undefined) log.add(syslog);
  if (syslog === undefined || options.mode === 'combined') {
    log.add(openStderr(STDERR_FD, droppedLine, options.writers));
  }
  return log;
}

class SinkLog implements Log {
  readonly #pid: number;
  readonly #sinks: Sink[] = [];
  #level: LogLevel;
  #format: LogFormat;

  constructor(options: LogOptions) {
    this.#pid = options.pid;
    this.#level = options.level;
    this.#format = options.format;
  }

  add(sink: Sink): void {
    this.#sinks.push(sink);
  }

  enabled(level: RecordLevel): boolean {
    return takesLevel(this.#level, level);
  }

  write(level: RecordLevel, event: string, fields: Fields = {}, text?: string): void {
    this.tell({ level, event, fields, text }, OF_DAEMON);
  }

  tell(record: LogRecord, owner: LineOwner): void {
    if (!this.enabled(record.level)) return;
    const line = this.#lineOf(record, owner);
    for (const sink of this.#sinks) sink.write(line);
  }

  configure(level: LogLevel, format: LogFormat): void {
    this.#level = level;
    this.#format = format;
  }

  async drain(timeoutMs: number): Promise<void> {
    await new Promise<void>((settle) => {
      const timer = setTimeout(settle, timeoutMs);
      void Promise.all(this.#sinks.map((sink) => sink.drained())).then(() => {
        clearTimeout(timer);
        settle();
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }

  /** The line that a sink puts where records are missing. */
  droppedLine(counts: ReadonlyMap<string, number>): Line {
    const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
    const text = 'records were lost because the reader of this log was too slow or away';
    const fields = { count, events: countsText(counts) };
    return this.#lineOf({ level: 'warn', event: 'log-dropped', fields, text }, OF_DAEMON);
  }

  #lineOf(record: LogRecord, { room, client }: LineOwner): Line {
    const { level, event } = record;
    const [format, timeMs] = [this.#format, Date.now()];
    const text = format === 'json' ? formatJson(record, timeMs, this.#pid) : formatText(record);
    return { level, event, format, timeMs, text, room, client };
  }
}
