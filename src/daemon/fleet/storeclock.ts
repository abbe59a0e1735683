// The clock of the store, which all members go by: what holds for a time travels in it. It is read off a monotonic clock, so that setting
// the clock of a host moves nothing between members.

/** A difference that changes by less is taken for noise: else the same moment would be another one each time it is told. */
const STEADY_MS = 200;

export class StoreClock {
  /** Milliseconds since 1970 by this host. */
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  /** The store's time when the monotonic clock was at 0; undefined: not known yet. */
  #base: number | undefined;
  #aheadMs = 0;

  constructor(wall: () => number, monotonic: () => number) {
    this.#wall = wall;
    this.#monotonic = monotonic;
  }

  /** The store said `storeMs` in answer to a question of `askedAt`, by the monotonic clock, which has just been answered. */
  read(storeMs: number, askedAt: number): void {
    this.#base = storeMs - (askedAt + this.#monotonic()) / 2;
  }

  /** Milliseconds since 1970 by the store. */
  now(): number {
    return Math.round(this.#base === undefined ? this.#wall() : this.#base + this.#monotonic());
  }

  /** What has to be added to a time of this host for the time of the store; the same as long as it is about that. */
  get aheadMs(): number {
    const aheadMs = this.now() - Math.round(this.#wall());
    if (Math.abs(aheadMs - this.#aheadMs) > STEADY_MS) this.#aheadMs = aheadMs;
    return this.#aheadMs;
  }
}

/** Reads the answer to TIME: seconds, and microseconds, as texts. NaN: it is none. */
export function storeMsOf(answer: unknown): number {
  if (!Array.isArray(answer)) return NaN;
  const [seconds, micros] = answer.map(Number);
  return (seconds ?? NaN) * 1000 + (micros ?? NaN) / 1000;
}
