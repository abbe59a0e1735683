// Marks that pis5user writes before the comment of a line: `!locked` and `!expires=2026-12-31`, each ended by a colon or the
// line. Apache and nginx ignore comments, so they read such a file as before; a program that takes a mark for the secret sees a
// lock.

/** The marks in the comment of a line. Text is byte strings. */
export interface Marks {
  readonly isLocked: boolean;
  /** As written; an invalid date locks the user. undefined: never. */
  readonly expires: string | undefined;
  /** The comment without the marks; undefined when there is none. */
  readonly comment: string | undefined;
}

const MARK = /^!(?:(locked)|expires=([^:]*))(?::|$)/;

export function decodeMarks(comment: string | undefined): Marks {
  let marks: Marks = { isLocked: false, expires: undefined, comment };
  for (;;) {
    const found = marks.comment === undefined ? null : MARK.exec(marks.comment);
    if (found === null || marks.comment === undefined) return marks;
    const behind = found[0].endsWith(':') ? marks.comment.slice(found[0].length) : undefined;
    marks =
      found[1] === undefined
        ? { ...marks, expires: found[2], comment: behind }
        : { ...marks, isLocked: true, comment: behind };
  }
}

/** The comment with these marks; undefined when it would be empty. */
export function encodeMarks({ isLocked, expires, comment }: Marks): string | undefined {
  const parts = [isLocked ? '!locked' : undefined, expires && `!expires=${expires}`, comment];
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join(':');
}

export function hasMarks(comment: string | undefined): boolean {
  return comment !== undefined && MARK.test(comment);
}

/** The first millisecond of a day `2026-12-31` in UTC, since 1970; undefined when there is no such day. */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || formatDay(ms) !== text ? undefined : ms;
}

/** The day of a moment, in UTC. */
export function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
