// Lines that wait for a slow reader: bounded in number and in size. What has no room is counted, and the count
// stands in the log as a line of its own at the place of the gap.
import type { DroppedLine, Line } from './line.ts';

/** Most lines that wait: room for the list of live sessions that SIGUSR1 writes at once. */
export const MAX_QUEUED_LINES = 2000;

/** Most UTF-16 units that wait: 512 KiB for text of one byte per character. */
export const MAX_QUEUED_UNITS = 512 * 1024;

/** First in, first out. Lines stay inside until remove(), so that a failed write loses nothing. */
export class LineQueue {
  readonly #lines: Line[] = [];
  readonly #droppedLine: DroppedLine;
  #units = 0;
  #dropped = 0;
  #waiting: (() => void)[] = [];

  constructor(droppedLine: DroppedLine) {
    this.#droppedLine = droppedLine;
  }

  push(line: Line): void {
    if (!this.#hasRoom(line)) {
      this.#dropped += 1;
      return;
    }
    this.#tellDropped();
    this.#append(line);
  }

  /** The oldest lines, at most `maxUnits` together but always one where there is one. */
  front(maxUnits: number): readonly Line[] {
    if (this.#lines.length === 0) this.#tellDropped();
    let units = 0;
    const end = this.#lines.findIndex((line, at) => (units += line.text.length) > maxUnits && at > 0);
    return end === -1 ? [...this.#lines] : this.#lines.slice(0, end);
  }

  /** Takes the `count` oldest lines out: they are delivered. */
  remove(count: number): void {
    for (const line of this.#lines.splice(0, count)) this.#units -= line.text.length;
    if (this.#lines.length > 0 || this.#dropped > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const settle of waiting) settle();
  }

  /** Settles when nothing waits any more. */
  drained(): Promise<void> {
    if (this.#lines.length === 0 && this.#dropped === 0) return Promise.resolve();
    return new Promise((settle) => this.#waiting.push(settle));
  }

  #hasRoom(line: Line): boolean {
    return this.#lines.length < MAX_QUEUED_LINES && this.#units + line.text.length <= MAX_QUEUED_UNITS;
  }

  /** May go one line over the limit: it stands for all those that did not. */
  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#append(this.#droppedLine(this.#dropped));
    this.#dropped = 0;
  }

  #append(line: Line): void {
    this.#lines.push(line);
    this.#units += line.text.length;
  }
}
