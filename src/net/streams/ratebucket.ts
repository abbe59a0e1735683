// How many bytes one direction of a relay may move: a bucket of credit that fills at the rate and is spent by what
// passes. native/relay/rate.c does the same for the engine.

/** Most that is saved up, in time and at least in bytes. */
const BURST_MS = 128;
const LEAST_BURST = 2048;

/** A fast direction goes on in steps of this length: each wakes the loop once. */
const STEP_MS = 50;

/** A slow one collects so many bytes, about a segment, or waits this long. */
const PIECE = 1400;
const LONGEST_WAIT_MS = 250;

/** The credit of one direction. Moments are milliseconds of one clock. */
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

  /** Another rate from now on; what was saved up stays, as far as it may. */
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

  /** So many passed: at most the allowance, except where it is a datagram, which cannot be cut. */
  spend(bytes: number): void {
    this.#credit -= bytes;
  }

  /** How long to wait until there is credit worth a wake-up. */
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
