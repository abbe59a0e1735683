// Clients that may come in without a login although there are users: those on the whitelist, and with auth-once those
// that have logged in lately. The whitelist itself never grows.
import type { Cidr, Ip } from '../../base/ip.ts';
import { isListed } from '../blocks.ts';
import { clientKeyOf, ipOfClientKey, type ClientKey } from '../clientkey.ts';
import { Entries } from '../facts/entries.ts';
import { FairTable } from '../room/fairtable.ts';
import { networksOf } from '../room/owner.ts';
import type { WallClock } from './bans.ts';

/** Clients remembered by auth-once; beyond it one of the network with most has to log in again. */
const MAX_REMEMBERED = 16_384;

/** The precision of times, because a Map that changes with each login keeps garbage alive. */
const EXACT_MS = 1000;

/** One address, or `ADDRESS/64`, and the time (milliseconds since 1970) until which it is let in. */
export interface Remembered {
  readonly client: ClientKey;
  readonly endsAt: number;
}

/** The memory of auth-once. It outlives reloads, and restarts with a state file. */
export class AuthOnce {
  readonly entries: Entries;
  readonly #now: WallClock;
  readonly #endsAt = new FairTable<number>(MAX_REMEMBERED);

  constructor(now: WallClock) {
    this.#now = now;
    this.entries = new Entries(now, {
      held: () => this.list().map(({ client, endsAt }) => ({ name: client, value: '', endsAt })),
      endOf: (name) => this.#endsAt.get(name),
      put: ({ name, endsAt }) => this.restore({ client: name as ClientKey, endsAt }),
      remove: (name) => this.#endsAt.delete(name),
    });
  }

  /** Notes that a login from this client has succeeded. */
  remember(client: Ip, lifetimeMs: number): void {
    const key = clientKeyOf(client);
    const endsAt = this.#now() + lifetimeMs;
    const known = this.#endsAt.get(key) ?? -Infinity;
    if (Math.abs(endsAt - known) < EXACT_MS) return;
    this.#endsAt.put(networksOf(client), key, endsAt);
    this.entries.set(key, '', endsAt);
  }

  knows(client: Ip): boolean {
    if (this.#endsAt.size === 0) return false;
    const key = clientKeyOf(client);
    const endsAt = this.#endsAt.get(key);
    if (endsAt === undefined) return false;
    if (endsAt > this.#now()) return true;
    this.#endsAt.delete(key);
    return false;
  }

  /** Forgets a client, which then has to log in again; returns whether it was known. */
  forget(client: Ip): boolean {
    const key = clientKeyOf(client);
    const endsAt = this.#endsAt.get(key);
    if (endsAt !== undefined) this.entries.removed(key, endsAt);
    return this.#endsAt.delete(key);
  }

  /** Entries that have not expired, oldest first. */
  list(): readonly Remembered[] {
    const now = this.#now();
    return this.#endsAt
      .entries()
      .map(([client, endsAt]) => ({ client: client as ClientKey, endsAt }))
      .filter(({ endsAt }) => endsAt > now);
  }

  /** Restores the entries of list(), or adds those of another process. */
  restore({ client, endsAt }: Remembered): void {
    const ip = ipOfClientKey(client);
    if (ip !== undefined) this.#endsAt.put(networksOf(ip), client, endsAt);
  }
}

/** Clients that may come in without a login although there are users. */
export interface TrustRules {
  readonly whitelist: readonly Cidr[];
  /** The time for which a login is remembered; 0: not at all, and earlier entries do not count. */
  readonly authOnceMs: number;
}

/** Whether this client need not log in. */
export function isTrusted(rules: TrustRules, authOnce: AuthOnce, client: Ip): boolean {
  return isListed(rules.whitelist, client) || (rules.authOnceMs > 0 && authOnce.knows(client));
}
