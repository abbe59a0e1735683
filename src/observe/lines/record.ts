// One log record, and its two forms: logfmt text and JSON. Both are one line of at most MAX_RECORD_BYTES whatever the values
// hold. Keys and event names are words of this program; only values may come from clients.
import type { RecordLevel } from './level.ts';
import { quoteText, type Quoted } from './quote.ts';

/** A field that is undefined is left out. */
export type Fields = Readonly<Record<string, string | number | undefined>>;

export interface LogRecord {
  readonly level: RecordLevel;
  /** A short word with dashes that scripts can rely on. */
  readonly event: string;
  /** A sentence for people. */
  readonly text?: string | undefined;
  readonly fields: Fields;
}

/** Longest record in bytes, without what a sink puts in front; syslog daemons take at least 2,048. */
export const MAX_RECORD_BYTES = 2000;

/** Longest value in bytes, so that one long value cannot push the other fields out of the record. */
const MAX_VALUE_BYTES = 1000;

/** Values that need no quotes in text: no character has a meaning for log readers, shell patterns or logfmt. */
const BARE = /^[\w.:/@+,%[\]*~-]+$/;

/** `event key=value key="quoted value" text="..."`; ends with `cut=yes` when something had no room. */
export function formatText(record: LogRecord): string {
  return assembleText(record.event, record, {
    lead: (key) => ` ${key}=`,
    show: (value, room) =>
      value.length <= room && BARE.test(value) ? { text: value, cut: false } : quoteText(value, room),
    cutMark: ' cut=yes',
    end: '',
  });
}

/** One JSON object: time (ISO 8601, UTC), level, event, pid, the fields, text; `"cut":true` as in text. */
export function formatJson(record: LogRecord, timeMs: number, pid: number): string {
  const time = new Date(timeMs).toISOString();
  const head = `{"time":"${time}","level":"${record.level}","event":"${record.event}","pid":${pid}`;
  return assembleText(head, record, {
    lead: (key) => `,"${key}":`,
    show: quoteText,
    cutMark: ',"cut":true',
    end: '}',
  });
}

/** A value that holds numbers by name: `denied:3,stranger:1`. */
export function countsText(counts: Iterable<readonly [string, number]>): string {
  return Array.from(counts, ([reason, count]) => `${reason}:${count}`).join(',');
}

interface Shape {
  readonly lead: (key: string) => string;
  readonly show: (value: string, room: number) => Quoted;
  readonly cutMark: string;
  readonly end: string;
}

function assembleText(head: string, record: LogRecord, shape: Shape): string {
  const limit = MAX_RECORD_BYTES - shape.cutMark.length - shape.end.length;
  let line = head;
  let size = head.length;
  let cut = false;
  for (const [key, value] of [...Object.entries(record.fields), ['text', record.text] as const]) {
    if (value === undefined) continue;
    const lead = shape.lead(key);
    const shown = showValue(value, Math.min(MAX_VALUE_BYTES, limit - size - lead.length), shape);
    cut ||= shown.cut;
    if (shown.text === '') continue;
    line += lead + shown.text;
    size += lead.length + Buffer.byteLength(shown.text);
  }
  return line + (cut ? shape.cutMark : '') + shape.end;
}

/** Empty text: there is no room for any of it. A number stands whole or not at all. */
function showValue(value: string | number, room: number, shape: Shape): Quoted {
  const text = String(value);
  if (room < 2) return { text: '', cut: true };
  if (typeof value === 'string' || !Number.isFinite(value)) return shape.show(text, room);
  return text.length <= room ? { text, cut: false } : { text: '', cut: true };
}
