// How many datagrams a second one association may send: a bucket that holds the datagrams of one second and fills
// at an even pace, so that a second's worth may come at once, and no more.

export class PacketRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #left: number;
  #filledAtMs: number;

  /** 0: no limit. `now` is a monotonic clock in milliseconds. */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#left = perSecond;
    this.#filledAtMs = perSecond === 0 ? 0 : now();
  }

  /** Whether one more may pass now; it is counted if so. */
  take(): boolean {
    if (this.#perSecond === 0) return true;
    this.#fill();
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  #fill(): void {
    const nowMs = this.#now();
    const gained = ((nowMs - this.#filledAtMs) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#perSecond, this.#left + gained);
    this.#filledAtMs = nowMs;
  }
}
