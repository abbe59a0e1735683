// Counts of failed logins, and bans, in separate rooms: failures of others, however many, end no ban.
import { FairTable } from '../room/fairtable.ts';
import type { Owner } from '../room/owner.ts';

export interface Suspect {
  failures: number;
  windowEndsAt: number;
  /** Bans so far, one less for each `longestMs` without a failure. */
  level: number;
  /** 0: not banned. */
  endsAt: number;
  lastAt: number;
}

/** Entries of one kind, addresses or user names: those with failures, and those with a ban. */
const MAX_COUNTED = 32_768;
const MAX_BANNED = 32_768;

export class Suspects {
  readonly #counted = new FairTable<Suspect>(MAX_COUNTED);
  /** Some of these bans may be over. */
  readonly #banned = new FairTable<Suspect>(MAX_BANNED);

  get size(): number {
    return this.#counted.size + this.#banned.size;
  }

  get(name: string): Suspect | undefined {
    return this.#banned.get(name) ?? this.#counted.get(name);
  }

  /** `owner`: the networks from which the failures came. */
  put(owner: Owner, name: string, suspect: Suspect, now: number): void {
    this.delete(name);
    (suspect.endsAt > now ? this.#banned : this.#counted).put(owner, name, suspect);
  }

  delete(name: string): void {
    this.#counted.delete(name);
    this.#banned.delete(name);
  }

  names(): readonly string[] {
    return [...this.#banned.entries(), ...this.#counted.entries()].map(([name]) => name);
  }

  /** The current bans. */
  banned(now: number): readonly (readonly [name: string, suspect: Suspect])[] {
    return this.#banned.entries().filter(([, { endsAt }]) => endsAt > now);
  }
}
