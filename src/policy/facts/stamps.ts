// Stamps of changes: milliseconds since 1970, but each later than all that were given or seen before, whatever the clock does (a
// hybrid logical clock). So a change that is made in knowledge of another one wins over it.

export class Stamps {
  readonly #now: () => number;
  #latest = 0;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): number {
    this.#latest = Math.max(Math.floor(this.#now()), this.#latest + 1);
    return this.#latest;
  }

  /** The stamp of a change that came from elsewhere. */
  saw(stamp: number): void {
    this.#latest = Math.max(this.#latest, stamp);
  }
}
