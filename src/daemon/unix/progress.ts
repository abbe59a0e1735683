// Progress of what a person waits for: on a terminal one line that is written again, elsewhere a line now and then.
import { monotonicMs } from '../../base/clock.ts';

/** Elsewhere than on a terminal: between two lines. */
const PAUSE_MS = 10_000;
const CLEAR_LINE = '\x1b[K';

interface Stream {
  readonly isTTY?: boolean;
  /** 0: a terminal that has never been told its size. */
  readonly columns?: number;
}

export class Progress {
  /** Of the terminal; undefined: it is none whose lines can be written again. */
  readonly #columns: number | undefined;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #toldAtMs: number;
  #last = '';

  constructor(stream: Stream, write: (text: string) => void, now: () => number = monotonicMs) {
    this.#columns =
      stream.isTTY === true && process.env['TERM'] !== 'dumb' ? stream.columns || 80 : undefined;
    this.#write = write;
    this.#now = now;
    this.#toldAtMs = now();
  }

  /** A line that wraps could not be written again: a terminal gets as much as fits. */
  show(line: string): void {
    if (this.#columns !== undefined) {
      if (line !== this.#last) this.#write(`\r${line.slice(0, this.#columns - 1)}${CLEAR_LINE}`);
      this.#last = line;
    } else if (this.#now() - this.#toldAtMs >= PAUSE_MS) {
      this.#toldAtMs = this.#now();
      this.#write(`${line}\n`);
    }
  }

  /** Nothing more is told. */
  clear(): void {
    if (this.#columns !== undefined && this.#last !== '') this.#write(`\r${CLEAR_LINE}`);
  }

  /** The last line, which stays. */
  end(line: string): void {
    this.#write(this.#columns === undefined ? `${line}\n` : `\r${line}${CLEAR_LINE}\n`);
  }
}
