// How many unanswered logins a client may have. Such a login is no guess, since the password may be right; but some programs do
// not answer a wrong password, which could be guessed for ever without this limit.
import type { Ip } from '../../base/ip.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import { FairTable } from '../../policy/room/fairtable.ts';
import { networksOf } from '../../policy/room/owner.ts';
import type { Clock } from '../cache.ts';

/** Unanswered questions of one client at once, and after that one more in each interval. */
export const MAX_UNANSWERED = 10;
export const INTERVAL_MS = 6000;

/** Beyond it the oldest of the network with most is forgotten. */
const MAX_CLIENTS = 4096;

export class Patience {
  readonly #clock: Clock;
  /** The time at which a client has all its questions back. */
  readonly #wholeAt = new FairTable<number>(MAX_CLIENTS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more question of this client may be put. */
  lasts(client: Ip): boolean {
    const owed = (this.#wholeAt.get(clientKeyOf(client)) ?? 0) - this.#clock();
    return owed <= (MAX_UNANSWERED - 1) * INTERVAL_MS;
  }

  /** A question was not answered. */
  spend(client: Ip): void {
    const key = clientKeyOf(client);
    const now = this.#clock();
    const wholeAt = Math.max(this.#wholeAt.get(key) ?? 0, now) + INTERVAL_MS;
    this.#wholeAt.put(networksOf(client), key, Math.min(wholeAt, now + MAX_UNANSWERED * INTERVAL_MS));
  }
}
