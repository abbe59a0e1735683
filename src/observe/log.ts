// The log of the daemon: one level, one form, one or two ways out. write() never waits for a reader, and a record
// below the level costs one comparison.
import type { LogFormat, LogLevel, LogMode } from '../config/config.ts';
import { takesLevel, type RecordLevel } from './level.ts';
import type { Line, Sink } from './line.ts';
import { formatJson, formatText, type Fields, type LogRecord } from './record.ts';
import { openStderr } from './stderr.ts';
import { openSyslog, type SyslogOptions } from './syslog.ts';

export interface Log {
  /** Whether write() would write: for callers whose fields take work. */
  enabled(level: RecordLevel): boolean;
  /** `event` and the keys of `fields` are words of this program; values and `text` may hold anything. */
  write(level: RecordLevel, event: string, fields?: Fields, text?: string): void;
  /** For a reload. Records already written keep their form. */
  configure(level: LogLevel, format: LogFormat): void;
  /** Settles when every record is delivered, or after `timeoutMs`. Never rejects. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends every way out; what still waits is lost, so drain() first. */
  close(): Promise<void>;
}

export interface LogOptions extends SyslogOptions {
  readonly mode: LogMode;
  readonly level: LogLevel;
  readonly format: LogFormat;
}

const STDERR_FD = 2;

/**
 * Opens the log; to be done before privileges are dropped. Never rejects: trouble goes to `warn`, and where there
 * is no way to the system log at all, standard error takes its place.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const log = new SinkLog(options);
  const droppedLine = (count: number) => log.droppedLine(count);
  const syslog = options.mode === 'stderr' ? undefined : await openSyslog(options, droppedLine);
  if (syslog !== undefined) log.add(syslog);
  if (syslog === undefined || options.mode === 'combined') log.add(openStderr(STDERR_FD, droppedLine));
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
    if (!this.enabled(level)) return;
    const line = this.#lineOf({ level, event, fields, text });
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
  droppedLine(count: number): Line {
    const text = 'records were lost because the reader of this log was too slow or away';
    return this.#lineOf({ level: 'warn', event: 'log-dropped', fields: { count }, text });
  }

  #lineOf(record: LogRecord): Line {
    const [level, format, timeMs] = [record.level, this.#format, Date.now()];
    const text = format === 'json' ? formatJson(record, timeMs, this.#pid) : formatText(record);
    return { level, format, timeMs, text };
  }
}
