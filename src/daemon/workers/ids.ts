// Session ids that are unique over all workers: the parent gives blocks of them, and the next one is asked for ahead.
import type { Ids } from './parentmessage.ts';

/** Ids of a worker whose parent does not answer: far above all others, and of this life alone. */
const OWN_RANGE = 2 ** 40;

export class IdBlocks {
  readonly #life: number;
  readonly #ask: () => void;
  #ids: Ids;
  #next: Ids | undefined;
  #hasAsked = false;
  #own = 0;

  /** `ask` is called once for each block that is needed. */
  constructor(life: number, ids: Ids, ask: () => void) {
    this.#life = life;
    this.#ids = ids;
    this.#ask = ask;
  }

  add(ids: Ids): void {
    this.#hasAsked = false;
    this.#next = ids;
  }

  readonly next = (): number => {
    if (this.#ids.from >= this.#ids.to && this.#next !== undefined) {
      this.#ids = this.#next;
      this.#next = undefined;
    }
    const { from, to } = this.#ids;
    if (from >= to) return this.#life * OWN_RANGE + this.#own++;
    this.#ids = { from: from + 1, to };
    if (this.#next === undefined && !this.#hasAsked && to - from <= BLOCK / 2) {
      this.#hasAsked = true;
      this.#ask();
    }
    return from;
  };
}

/** Ids in a block. */
export const BLOCK = 1000;
