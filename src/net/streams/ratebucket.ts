// How many bytes one direction of a relay may move: a bucket of credit that fills at the rate and is spent by what
// passes. native/leg/rate.c does the same for the engine.

/** The most credit that is saved, as time and as the least number of bytes. */
const BURST_MS = 128;
const LEAST_BURST = 2048;

/** A fast direction moves in steps of this length: each step wakes the loop once. */
const STEP_MS = 50;

/** A slow direction waits for this many bytes, about a segment, or for this long. */
const PIECE = 1400;
const LONGEST_WAIT_MS = 250;

/** The credit of one direction. All times are milliseconds of one clock. */
export class RateBucket {
  #bytesPerSecond: number;
  #credit: number;
  #refilledMs: number;

  /** Starts full; `bytesPerSecond` is above 0. */
  constructor(bytesPerSecond: number, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#credit = this.#burst();
    this.#refilledMs = nowMs;
  }

  /** Changes the rate; saved credit stays, up to its new limit. */
  setRate(bytesPerSecond: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#bytesPerSecond = bytesPerSecond;
    this.#credit = Math.min(this.#credit, this.#burst());
  }

  /** Whole bytes that may pass now. */
  allowance(nowMs: number): number {
    this.#refill(nowMs);
    return Math.floor(this.#credit);
  }

  /** Spends `bytes`: at most the allowance, except for a datagram, which cannot be cut. */
  spend(bytes: number): void {
    this.#credit -= bytes;
  }

  /** The time until there is enough credit for a wake-up. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    const perMs = this.#bytesPerSecond / 1000;
    const enough = Math.max(1, Math.min(PIECE, perMs * LONGEST_WAIT_MS));
    return Math.max(STEP_MS, Math.ceil((enough - this.#credit) / perMs));
  }

  #burst(): number {
    return Math.max((this.#bytesPerSecond * BURST_MS) / 1000, LEAST_BURST);
  }

  #refill(nowMs: number): void {
    const gained = ((nowMs - this.#refilledMs) * this.#bytesPerSecond) / 1000;
    this.#credit = Math.min(this.#credit + gained, this.#burst());
    this.#refilledMs = nowMs;
  }
}
