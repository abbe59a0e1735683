// Bytes per second of one association. A datagram never waits: one beyond the rate is dropped, as on a full line.
import { RateBucket } from '../../net/streams/ratebucket.ts';
import type { RelayRate } from '../../net/transport.ts';

export class DatagramRate {
  /** A monotonic clock in milliseconds. */
  readonly #now: () => number;
  /** undefined when there is no limit. */
  readonly #buckets: Record<keyof RelayRate, RateBucket | undefined> = { up: undefined, down: undefined };

  constructor(now: () => number) {
    this.#now = now;
  }

  setRate(rate: RelayRate): void {
    for (const direction of ['up', 'down'] as const) {
      const bytesPerSecond = rate[direction];
      const bucket = this.#buckets[direction];
      if (bytesPerSecond === 0) this.#buckets[direction] = undefined;
      else if (bucket === undefined) this.#buckets[direction] = new RateBucket(bytesPerSecond, this.#now());
      else bucket.setRate(bytesPerSecond, this.#now());
    }
  }

  /** Whether `size` bytes may pass now; they are counted if so. One datagram may overdraw: it cannot be cut. */
  take(direction: keyof RelayRate, size: number): boolean {
    const bucket = this.#buckets[direction];
    if (bucket === undefined) return true;
    if (bucket.allowance(this.#now()) <= 0) return false;
    bucket.spend(size);
    return true;
  }
}
