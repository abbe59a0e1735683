// The counts of one party: all clients together, a client, a user, or a group.
import type { LimitScope } from '../../config/model/limit.ts';
import type { Party, PartyCounts } from '../facts/fact.ts';
import type { Limit } from './limits.ts';

/** Seconds' worth of new sessions that may come at once. */
const BURST_SECONDS = 2;

export class Account implements Party, PartyCounts {
  readonly scope: LimitScope;
  readonly name: string;
  sessions = 0;
  /** The sessions among these whose request is not whole yet. */
  handshakes = 0;
  /** New sessions that a rate has counted here. */
  arrivals = 0;
  /** New sessions that the rate has not worn off, as of `#arrivedAtMs`: a bucket, measured from its rim. */
  #unwornArrivals = 0;
  #arrivedAtMs = -Infinity;

  constructor(scope: LimitScope, name: string) {
    this.scope = scope;
    this.name = name;
  }

  /** Whether one more session now would be too many for a `rate`. */
  isTooFast(rate: Limit, nowMs: number): boolean {
    return this.#unworn(rate, nowMs) + 1 > rate.value * BURST_SECONDS;
  }

  /** A new session, for a `rate`. */
  arrive(rate: Limit, nowMs: number): void {
    this.arrivals += 1;
    this.arriveElsewhere(1, rate, nowMs);
  }

  /** New sessions that other members have counted. */
  arriveElsewhere(arrivals: number, rate: Limit, nowMs: number): void {
    this.#unwornArrivals = this.#unworn(rate, nowMs) + arrivals;
    this.#arrivedAtMs = nowMs;
  }

  /** Whether no rate has ever counted an arrival. */
  get isFresh(): boolean {
    return this.#unwornArrivals === 0;
  }

  /** Whether no arrival is left that a rate could still hold against it. */
  isRested(nowMs: number): boolean {
    return nowMs - this.#arrivedAtMs >= BURST_SECONDS * 1000;
  }

  #unworn(rate: Limit, nowMs: number): number {
    if (this.isRested(nowMs)) return 0;
    return Math.max(0, this.#unwornArrivals - ((nowMs - this.#arrivedAtMs) * rate.value) / 1000);
  }
}
