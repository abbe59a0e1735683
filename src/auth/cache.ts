// Logins that succeeded lately, so that a browser with fifty connections pays for one hash. It keeps digests under a
// random key of this process and nothing else: neither the memory of the cache nor its timing tells a password.
import { randomBytes } from 'node:crypto';
import { putLatest } from '../base/latest.ts';
import { digest } from './hashing/digest.ts';
import type { Job } from './hashing/job.ts';

export interface CacheLimits {
  readonly maxEntries: number;
  /** How long a success counts, from the check on: later hits do not prolong it. */
  readonly lifetimeMs: number;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

const KEY_BYTES = 32;
/** The length before each part, so that different lists of parts never give the same bytes. */
const LENGTH_BYTES = 4;

export class SuccessCache {
  /** Made for the first login. */
  #key: Buffer | undefined;
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  /**
   * Digest to the time of its end, the one that ends first in front. A hit leaves it where it is: a Map in which something moves
   * with each login keeps its garbage alive (net/engine/handletable.ts).
   */
  readonly #endsAt = new Map<string, number>();

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Names a login: the same for the same user, password and stored hashes, and for nothing else. One call of SHA-256
   * with the key in front: no digest ever leaves this process, and HMAC would cost several times as much.
   */
  digest(user: Uint8Array, { password, hashes }: Job): string {
    this.#key ??= randomBytes(KEY_BYTES);
    const size = hashes.reduce((sum, { text }) => sum + LENGTH_BYTES + text.length, 0);
    const bytes = Buffer.allocUnsafe(
      KEY_BYTES + LENGTH_BYTES + user.length + LENGTH_BYTES + password.length + size,
    );
    let at = this.#key.copy(bytes);
    for (const part of [user, password]) {
      at = bytes.writeUInt32LE(part.length, at);
      bytes.set(part, at);
      at += part.length;
    }
    for (const { text } of hashes) {
      at = bytes.writeUInt32LE(text.length, at);
      at += bytes.write(text, at, 'latin1');
    }
    return digest('sha256', bytes, 'base64');
  }

  has(digest: string): boolean {
    const endsAt = this.#endsAt.get(digest);
    if (endsAt === undefined) return false;
    if (endsAt > this.#clock()) return true;
    this.#endsAt.delete(digest);
    return false;
  }

  add(digest: string): void {
    const { lifetimeMs, maxEntries } = this.#limits;
    putLatest(this.#endsAt, digest, this.#clock() + lifetimeMs, maxEntries);
  }

  clear(): void {
    this.#endsAt.clear();
  }
}
