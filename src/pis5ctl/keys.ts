// Keys that scroll `pis5ctl top`: the sequences of VT and xterm, and the letters of less(1).

// eslint-disable-next-line no-control-regex
const KEY = /\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])|[^]/g;

/** Splits typed input into keys: one character each, or one escape sequence. */
export function keysOf(typed: string): readonly string[] {
  return typed.match(KEY) ?? [];
}

/** The new scroll position, from `above` lines scrolled past and a page of `room` lines. */
type Scroll = (above: number, room: number) => number;

const up: Scroll = (above) => above - 1;
const down: Scroll = (above) => above + 1;
const pageUp: Scroll = (above, room) => above - room;
const pageDown: Scroll = (above, room) => above + room;
const home: Scroll = () => 0;
const end: Scroll = () => Number.MAX_SAFE_INTEGER;

export const SCROLL_OF_KEY: Readonly<Record<string, Scroll>> = {
  '\x1b[A': up,
  '\x1bOA': up,
  k: up,
  '\x1b[B': down,
  '\x1bOB': down,
  j: down,
  '\x1b[5~': pageUp,
  b: pageUp,
  '\x1b[6~': pageDown,
  ' ': pageDown,
  '\x1b[H': home,
  '\x1bOH': home,
  '\x1b[1~': home,
  g: home,
  '\x1b[F': end,
  '\x1bOF': end,
  '\x1b[4~': end,
  G: end,
};
