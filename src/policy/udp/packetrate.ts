// The number of datagrams a second that one association may send: a bucket that holds the datagrams of one second and
// fills evenly, so that one second's worth may come at once.

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

  /** Whether one more may pass now; if so, it is counted. */
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
