// The last looks as a line of small bars, for `pis5ctl top`.
import type { Totals } from '../../observe/measures.ts';

/** Eight heights: U+2581 to U+2588, or plain signs where the terminal is not told that text is UTF-8. */
const BLOCKS = '▁▂▃▄▅▆▇█';
const PLAIN = '_.-=+*%#';

/** A key that is typed brings a look forward, and a rate over a moment says nothing. */
const LEAST_MS = 500;

/** More than any screen is wide. */
const MAX_LOOKS = 500;

/** As setlocale(3) finds the character set. */
export function barsFor(environment: Readonly<Record<string, string | undefined>>): string {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name]).find((value) => value);
  return /utf-?8/i.test(locale ?? '') ? BLOCKS : PLAIN;
}

/** The newest of `values` that fit, the greatest of which is the highest; the lowest bar is nothing, or next to it. */
export function sparkline(values: readonly number[], columns: number, bars: string): string {
  const drawn = values.slice(-Math.max(1, columns));
  const most = Math.max(...drawn, 0);
  return drawn
    .map((value) => bars[most === 0 ? 0 : Math.round((value / most) * (bars.length - 1))] ?? '')
    .join('');
}

/** Bytes and connections a second, from look to look. */
export class Recent {
  readonly bytes: number[] = [];
  readonly accepted: number[] = [];
  #last: { readonly atMs: number; readonly bytes: number; readonly accepted: number } | undefined;

  look(atMs: number, { bytesUp, bytesDown, accepted }: Totals): void {
    const now = { atMs, bytes: bytesUp + bytesDown, accepted };
    const before = this.#last;
    if (before !== undefined && atMs - before.atMs < LEAST_MS) return;
    this.#last = now;
    if (before === undefined) return;
    const seconds = (atMs - before.atMs) / 1000;
    for (const name of ['bytes', 'accepted'] as const) {
      // Never below zero: another daemon may have taken the place of the first.
      this[name].push(Math.max(0, now[name] - before[name]) / seconds);
      if (this[name].length > MAX_LOOKS) this[name].shift();
    }
  }
}
