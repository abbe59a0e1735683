// One warning per outage, and longer and longer waits between attempts while it lasts.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Follows one way out that fails and comes back. */
export class Outage {
  #waitMs = 0;

  /** Something failed. Returns how long to wait, and whether this is the first failure of the outage. */
  failed(): { readonly waitMs: number; readonly isFirst: boolean } {
    const isFirst = this.#waitMs === 0;
    this.#waitMs = isFirst ? FIRST_WAIT_MS : Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    return { waitMs: this.#waitMs, isFirst };
  }

  /** It works: the next failure begins a new outage. */
  over(): void {
    this.#waitMs = 0;
  }
}
