// Logins that succeeded lately, so that a browser with fifty connections pays for one hash. It keeps digests under a
// random key of this process and nothing else: neither the memory of the cache nor its timing tells a password.
import { hash, randomBytes } from 'node:crypto';
import { putLatest } from '../base/latest.ts';
import type { Job } from './job.ts';

export interface CacheLimits {
  readonly maxEntries: number;
  /** How long a success counts, from the check on: later hits do not prolong it. */
  readonly lifetimeMs: number;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

/** Ends the lengths, so that no two lists of parts are the same bytes. */
const SEPARATOR = Buffer.from(';');

export class SuccessCache {
  /** Made for the first login. */
  #key: Buffer | undefined;
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  /** Digest to the time of its end, the one that was used longest ago first. */
  readonly #endsAt = new Map<string, number>();

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Names a login: the same for the same user, password and stored hashes, and for nothing else. One call of SHA-256
   * with the key in front: no digest ever leaves this process, and HMAC would cost several times as much.
   */
  digest(user: Uint8Array, job: Job): string {
    const parts = [user, job.password, ...job.hashes.map(({ text }) => Buffer.from(text, 'latin1'))];
    const lengths = Buffer.from(parts.map(({ length }) => length).join(':'));
    this.#key ??= randomBytes(32);
    return hash('sha256', Buffer.concat([this.#key, lengths, SEPARATOR, ...parts]), 'base64');
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
    const { lifetimeMs, maxEntries } = this.#limits;
    putLatest(this.#endsAt, digest, this.#clock() + lifetimeMs, maxEntries);
  }

  clear(): void {
    this.#endsAt.clear();
  }
}
