// How much a record matters: syslog's severities (RFC 3164 section 4.1.1), of which the daemon uses five.
import type { LogLevel } from '../../config/model/config.ts';

/** The level of one record; the threshold of a log may also be `none`. */
export type RecordLevel = Exclude<LogLevel, 'none'>;

const SEVERITY = { none: -1, err: 3, warn: 4, notice: 5, info: 6, debug: 7 } as const;

/** Facility `daemon` (RFC 3164 section 4.1.1). */
export const FACILITY = 3;

/** Whether a log with this threshold takes a record of this level. */
export function takesLevel(threshold: LogLevel, level: RecordLevel): boolean {
  return SEVERITY[level] <= SEVERITY[threshold];
}

/** syslog's number of a level, 3 (err) to 7 (debug). */
export function severityOf(level: RecordLevel): number {
  return SEVERITY[level];
}

/** PRI: facility and severity in one number (RFC 3164 section 4.1.1). */
export function priorityOf(level: RecordLevel): number {
  return FACILITY * 8 + SEVERITY[level];
}
