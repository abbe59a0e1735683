// Who has failed to log in too often, and is not let in for a while: 1, 2, 4 ... minutes, and less again for those who
// behave. An address is banned as a whole. A user name is only locked for strangers, so that nobody can lock somebody
// else out who still logs in from where he did before. A success takes no failure away: who has a password of his own
// could guess those of others between two logins.
import { CUT, cutName } from '../base/bytes.ts';
import type { Cidr, Ip } from '../base/ip.ts';
import { putLatest } from '../base/latest.ts';
import { isListed } from './blocks.ts';
import { clientKeyOf, type ClientKey } from './clientkey.ts';

/** Milliseconds since 1970: bans are kept over restarts. */
export type WallClock = () => number;

export interface BanRules {
  /** Failed logins within `windowMs` that make a ban; 0: nobody is banned. */
  readonly failures: number;
  readonly windowMs: number;
  /** Length of the first ban; each further one is twice as long, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Clients about whom none of this holds. */
  readonly allow: readonly Cidr[];
}

/** Whom a ban is about: a client (as its key), or everybody who would log in with a name from a strange address. */
export interface Banned {
  readonly kind: 'client' | 'user';
  readonly name: string;
}

export interface Ban extends Banned {
  readonly endsAt: number;
  readonly lengthMs: number;
}

interface Suspect {
  failures: number;
  windowEndsAt: number;
  /** Bans so far, one less for each `longestMs` without a failure. */
  level: number;
  /** 0: not banned. */
  endsAt: number;
  lastAt: number;
}

/** Of addresses, and of user names; beyond it the one that was quiet for longest is forgotten. */
const MAX_SUSPECTS = 65_536;
/** Logins that are remembered, to tell a user's own addresses from strange ones. */
const MAX_FAMILIAR = 65_536;
const FAMILIAR_MS = 30 * 86_400_000;
/** More exactly than that nobody needs to know when it was, and a Map that changes with each login keeps garbage alive. */
const FAMILIAR_EXACT_MS = 60_000;

export class Bans {
  readonly #now: WallClock;
  readonly #clients = new Map<string, Suspect>();
  readonly #users = new Map<string, Suspect>();
  /** `CLIENT USER` to the time of the last success. */
  readonly #familiar = new Map<string, number>();

  constructor(now: WallClock) {
    this.#now = now;
  }

  /** Whether this client is banned as a whole. Costs nothing while nobody is suspected. */
  holds({ allow }: BanRules, client: Ip): boolean {
    if (this.#clients.size === 0) return false;
    return this.#isBanned(this.#clients.get(clientKeyOf(client))) && !isListed(allow, client);
  }

  /** Whether `user` cannot log in from there now, although the client as such may come. */
  locks({ allow }: BanRules, client: Ip, user: string): boolean {
    if (this.#users.size === 0 || !this.#isBanned(this.#users.get(user))) return false;
    return !isListed(allow, client) && !this.#isFamiliar(clientKeyOf(client), user);
  }

  /** A login failed. Gives the bans that follow from it, at most one for the client and one for the name. */
  failed(rules: BanRules, client: Ip, user: string): readonly Ban[] {
    if (rules.failures === 0 || isListed(rules.allow, client)) return [];
    const key = clientKeyOf(client);
    const bans = [this.#count({ kind: 'client', name: key }, rules)];
    // The owner's own mistakes are his address's affair.
    if (!this.#isFamiliar(key, user)) {
      bans.push(this.#count({ kind: 'user', name: user }, rules));
    }
    return bans.filter((ban) => ban !== undefined);
  }

  /** A login succeeded: the address is one of the user's own. */
  succeeded(client: Ip, user: string): void {
    const familiar = familiarKey(clientKeyOf(client), user);
    const now = this.#now();
    const knownAt = this.#familiar.get(familiar) ?? -Infinity;
    if (Math.abs(now - knownAt) >= FAMILIAR_EXACT_MS) putLatest(this.#familiar, familiar, now, MAX_FAMILIAR);
  }

  /** Bans a client by hand, or again from a file; the address may be any of an IPv6 /64. */
  ban(client: Ip, lengthMs: number): Ban {
    const key = clientKeyOf(client);
    const suspect = suspectOf(this.#clients, key, this.#now());
    suspect.endsAt = this.#now() + lengthMs;
    suspect.lastAt = this.#now();
    return { kind: 'client', name: key, endsAt: suspect.endsAt, lengthMs };
  }

  /** Forgets what is held against a client (as its key) or a user name (list() has its form); whether there was a ban. */
  unban({ kind, name }: Banned): boolean {
    const suspects = this.#suspects(kind);
    const isCut = kind === 'user' && name.endsWith(`:${CUT}`);
    const names = isCut ? [...suspects.keys()].filter((whole) => cutName(whole) === name) : [name];
    const wasBanned = names.some((each) => this.#isBanned(suspects.get(each)));
    for (const each of names) suspects.delete(each);
    return wasBanned;
  }

  /** The bans that hold now with the time that is left, those that end first in front; user names are cut. */
  list(): readonly Ban[] {
    const now = this.#now();
    const bansOf = (kind: Banned['kind']): Ban[] =>
      [...this.#suspects(kind)]
        .filter(([, suspect]) => this.#isBanned(suspect))
        .map(([name, { endsAt }]) => asShown({ kind, name, endsAt, lengthMs: endsAt - now }));
    return [...bansOf('client'), ...bansOf('user')].sort((one, other) => one.endsAt - other.endsAt);
  }

  /** Clients that are banned now, in no order, worked out as they are asked for: there may be very many. */
  *clients(): Generator<{ readonly client: ClientKey; readonly endsAt: number }> {
    for (const [client, suspect] of [...this.#clients]) {
      if (this.#isBanned(suspect)) yield { client: client as ClientKey, endsAt: suspect.endsAt };
    }
  }

  /** Whether the user has logged in from there lately. */
  #isFamiliar(client: ClientKey, user: string): boolean {
    const knownAt = this.#familiar.get(familiarKey(client, user));
    return knownAt !== undefined && knownAt + FAMILIAR_MS >= this.#now();
  }

  #isBanned(suspect: Suspect | undefined): boolean {
    return suspect !== undefined && suspect.endsAt > this.#now();
  }

  #suspects(kind: Banned['kind']): Map<string, Suspect> {
    return kind === 'client' ? this.#clients : this.#users;
  }

  #count(who: Banned, rules: BanRules): Ban | undefined {
    const now = this.#now();
    const suspect = suspectOf(this.#suspects(who.kind), who.name, now);
    const quiet = Math.floor((now - Math.max(suspect.lastAt, suspect.endsAt)) / rules.longestMs);
    suspect.level = Math.max(0, suspect.level - Math.max(0, quiet));
    suspect.lastAt = now;
    if (suspect.windowEndsAt <= now)
      Object.assign(suspect, { failures: 0, windowEndsAt: now + rules.windowMs });
    suspect.failures += 1;
    if (suspect.failures < rules.failures || suspect.endsAt > now) return undefined;
    const lengthMs = Math.min(rules.longestMs, rules.firstMs * 2 ** suspect.level);
    Object.assign(suspect, { failures: 0, level: Math.min(suspect.level + 1, 30), endsAt: now + lengthMs });
    return { ...who, endsAt: suspect.endsAt, lengthMs };
  }
}

/** A ban as people may see it: the name may be one that was sent with a password in it. */
export function asShown(ban: Ban): Ban {
  return ban.kind === 'user' ? { ...ban, name: cutName(ban.name) } : ban;
}

/** What is held against `name`, moved to the end of the map, where it is forgotten last. */
function suspectOf(suspects: Map<string, Suspect>, name: string, now: number): Suspect {
  const suspect = suspects.get(name) ?? { failures: 0, windowEndsAt: 0, level: 0, endsAt: 0, lastAt: now };
  putLatest(suspects, name, suspect, MAX_SUSPECTS);
  return suspect;
}

function familiarKey(client: ClientKey, user: string): string {
  return `${client} ${user}`;
}
