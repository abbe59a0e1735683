// Bytes of a program's standard error as lines for the log, at a rate at which no program floods it.
import { displayText } from '../../base/bytes.ts';
import { monotonicMs } from '../../base/clock.ts';

/** Of one line; what is longer is cut. */
const MAX_LINE_BYTES = 1024;
/** Lines of one process in a minute; the rest is counted. */
const MAX_LINES = 20;
const MINUTE_MS = 60_000;

export class LineCutter {
  readonly #take: (line: string) => void;
  readonly #clock: () => number;
  #begun = Buffer.alloc(0);
  #taken = 0;
  #dropped = 0;
  #minute = -Infinity;

  constructor(take: (line: string) => void, clock: () => number = monotonicMs) {
    this.#take = take;
    this.#clock = clock;
  }

  add(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      this.#grow(bytes.subarray(from, end));
      this.#end();
      from = end + 1;
    }
    this.#grow(bytes.subarray(from));
  }

  #grow(bytes: Uint8Array): void {
    const room = MAX_LINE_BYTES - this.#begun.length;
    this.#begun = Buffer.concat([this.#begun, bytes.subarray(0, room)]);
  }

  #end(): void {
    const line = displayText(this.#begun).trimEnd();
    this.#begun = Buffer.alloc(0);
    if (line === '') return;
    const now = this.#clock();
    if (now - this.#minute >= MINUTE_MS) {
      if (this.#dropped > 0) this.#take(`${this.#dropped} more lines in a minute were left out`);
      this.#minute = now;
      this.#taken = 0;
      this.#dropped = 0;
    }
    if (this.#taken >= MAX_LINES) this.#dropped += 1;
    else {
      this.#taken += 1;
      this.#take(line);
    }
  }
}
