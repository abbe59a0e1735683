// Logins that succeeded lately, so that a browser with fifty connections pays for one hash. It keeps digests under a
// random key of this process and nothing else: neither the memory of the cache nor its timing tells a password.
import { createHmac, randomBytes } from 'node:crypto';
import type { Job } from './job.ts';

export interface CacheLimits {
  readonly maxEntries: number;
  /** How long a success counts, from the check on: later hits do not prolong it. */
  readonly lifetimeMs: number;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

export class SuccessCache {
  readonly #key = randomBytes(32);
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  /** Digest to the time of its end, the one that was used longest ago first. */
  readonly #endsAt = new Map<string, number>();

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Names a login: the same for the same user, password and stored hashes, and for nothing else. */
  digest(user: Uint8Array, job: Job): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of [user, job.password, ...job.hashes.map((hash) => Buffer.from(hash.text, 'latin1'))]) {
      hmac.update(Uint32Array.of(part.length)).update(part);
    }
    return hmac.digest('base64');
  }

  has(digest: string): boolean {
    const endsAt = this.#endsAt.get(digest);
    if (endsAt === undefined) return false;
    this.#endsAt.delete(digest);
    if (endsAt <= this.#clock()) return false;
    this.#endsAt.set(digest, endsAt);
    return true;
  }

  add(digest: string): void {
    this.#endsAt.delete(digest);
    this.#endsAt.set(digest, this.#clock() + this.#limits.lifetimeMs);
    for (const oldest of this.#endsAt.keys()) {
      if (this.#endsAt.size <= this.#limits.maxEntries) return;
      this.#endsAt.delete(oldest);
    }
  }

  clear(): void {
    this.#endsAt.clear();
  }
}
