// The accounting of a daemon: records of sessions, in a file, in the system log or on standard output.
import type { AccountingFormat, AccountingTarget } from '../../config/model/accounting.ts';
import type { Line, Sink } from '../lines/line.ts';
import { openStderr } from '../lines/stderr.ts';
import { openSyslog, type SyslogOptions } from '../syslog/syslog.ts';
import { CSV_TITLES, formatCsvRecord, formatJsonRecord, type AccountRecord } from './accountrecord.ts';
import { RecordFile } from './recordfile.ts';

/** Where records go. */
export interface AccountBook {
  write(record: AccountRecord): void;
  /** Writes a record that has its form already. */
  add(line: string): void;
  /** For rotation. Throws the error of the system, and then goes on as before. */
  reopen(): void;
  /** Settles when nothing waits any more. */
  drained(): Promise<void>;
}

export type FormatRecord = (record: AccountRecord) => string;

export function recordFormat(format: AccountingFormat): FormatRecord {
  return format === 'json' ? formatJsonRecord : formatCsvRecord;
}

interface BookPlan {
  readonly target: AccountingTarget;
  readonly format: AccountingFormat;
  readonly tell: (level: 'err' | 'notice', sentence: string) => void;
  readonly syslog: SyslogOptions;
}

const STDOUT_FD = 1;

/** Rejects with the error of the system. */
export async function openAccountBook(plan: BookPlan): Promise<AccountBook> {
  const { target, format, tell } = plan;
  const formatRecord = recordFormat(format);
  const lost = (count: number): string =>
    formatRecord({ time: new Date().toISOString(), record: 'lost', count });
  if (target.kind === 'file') {
    const titles = format === 'csv' ? CSV_TITLES : undefined;
    const file = new RecordFile({ path: target.path, titles, lost, tell });
    return {
      write: (record) => file.write(formatRecord(record)),
      add: (line) => file.write(line),
      reopen: () => file.reopen(),
      drained: () => file.drained(),
    };
  }
  const lineOf = (text: string): Line => ({
    level: 'info',
    event: 'account',
    // The text stands as it is, with nothing before it.
    format: 'json',
    timeMs: Date.now(),
    text,
    room: 'sessions',
    client: undefined,
  });
  const dropped = (counts: ReadonlyMap<string, number>): Line =>
    lineOf(lost([...counts.values()].reduce((sum, each) => sum + each, 0)));
  const sink: Sink | undefined =
    target.kind === 'output' ? openStderr(STDOUT_FD, dropped) : await openSyslog(plan.syslog, dropped);
  if (sink === undefined) throw new Error('this host has no way to the system log');
  const add = (line: string): void => sink.write(lineOf(line));
  return {
    write: (record) => add(formatRecord(record)),
    add,
    reopen: () => undefined,
    drained: () => sink.drained(),
  };
}
