// Parts of the week: `08:00-18:00`, `mon-fri`, `fri@22:00-06:00`.
import type { TimeSpan } from '../model/config.ts';
import { quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

/** As `Date.getDay()` counts them. */
export const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTES_PER_DAY = 24 * 60;
const EVERY_DAY: ReadonlySet<number> = new Set(DAYS.keys());
const FORM = 'write HH:MM-HH:MM, DAY, DAY-DAY or DAYS@HH:MM-HH:MM';

/** Reads `[DAYS@]HH:MM-HH:MM` or `DAYS`, days as `mon` or `mon-fri` in any case. */
export function parseTimeSpan(text: string): Parsed<TimeSpan> {
  const [first = '', second, ...more] = text.toLowerCase().split('@');
  if (more.length > 0) return wrong(`${quote(text)} has more than one @; ${FORM}`);
  const hasDays = second !== undefined || /^[a-z]/.test(first);
  const days = hasDays ? parseDays(first) : value(EVERY_DAY);
  if (days.kind === 'wrong') return days;
  const hours = second ?? (hasDays ? '00:00-24:00' : first);
  const clock = parseHours(hours);
  return clock.kind === 'wrong' ? clock : value({ days: days.value, ...clock.value });
}

/** `fri-mon` goes over the weekend. */
function parseDays(text: string): Parsed<ReadonlySet<number>> {
  const words = text.split('-');
  const unknown = words.find((word) => !DAYS.includes(word));
  if (unknown !== undefined || words.length > 2) {
    return wrong(
      `${quote(unknown ?? text)} is not a day such as mon; ${FORM}${didYouMean(unknown ?? '', DAYS)}`,
    );
  }
  const [first = 0, last = first] = words.map((word) => DAYS.indexOf(word));
  const count = ((last - first + DAYS.length) % DAYS.length) + 1;
  return value(new Set(Array.from({ length: count }, (_, at) => (first + at) % DAYS.length)));
}

function parseHours(text: string): Parsed<Pick<TimeSpan, 'from' | 'to'>> {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  if (match === null) return wrong(`${quote(text)} is not a time of day; ${FORM}`);
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  const from = minutesOf(fromHour, fromMinute);
  const to = minutesOf(toHour, toMinute);
  if (from >= MINUTES_PER_DAY || to > MINUTES_PER_DAY || from === to) {
    return wrong(
      `${quote(text)} is no part of a day; it begins at 00:00 to 23:59 and ends at another time up to 24:00`,
    );
  }
  return value({ from, to });
}

/** Infinity for minutes that no clock shows. */
function minutesOf(hour = Infinity, minute = Infinity): number {
  return minute < 60 ? hour * 60 + minute : Infinity;
}
