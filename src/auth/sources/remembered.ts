// Logins that sources have confirmed lately, so that a browser with fifty connections asks once. Digests under a random key of this
// process stand for user and password; failures are never remembered.
import { randomBytes } from 'node:crypto';
import { putLatest } from '../../base/latest.ts';
import type { Identity } from '../../policy/identity.ts';
import type { Clock } from '../cache.ts';
import { digest } from '../hashing/digest.ts';

export const MAX_REMEMBERED = 4096;

/** Whatever a source says, it is asked again after a day. */
export const LONGEST_MS = 86_400_000;

const KEY_BYTES = 32;
const LENGTH_BYTES = 4;

export class RememberedLogins {
  readonly #key = randomBytes(KEY_BYTES);
  readonly #clock: Clock;
  readonly #logins = new Map<string, { readonly identity: Identity; readonly endsAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same for the same user and password, and for nothing else; hashed with the key in front, as cache.ts does. */
  digest(user: Uint8Array, password: Uint8Array): string {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(user.length);
    return digest('sha256', Buffer.concat([this.#key, length, user, password]), 'base64');
  }

  find(login: string): Identity | undefined {
    const found = this.#logins.get(login);
    if (found === undefined) return undefined;
    if (found.endsAt > this.#clock()) return found.identity;
    this.#logins.delete(login);
    return undefined;
  }

  add(login: string, identity: Identity, lifetimeMs: number): void {
    const lasts = Math.min(lifetimeMs, LONGEST_MS);
    if (lasts <= 0) return;
    putLatest(this.#logins, login, { identity, endsAt: this.#clock() + lasts }, MAX_REMEMBERED);
  }
}
