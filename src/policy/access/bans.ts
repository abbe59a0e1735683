// Bans after too many failed logins: for 1, 2, 4 ... minutes, and shorter again after good behaviour. An address is banned as a
// whole. A user name is only locked for unfamiliar addresses, so that an attacker cannot lock out a user who logs in from the
// usual ones. A success clears no failure: a user could guess the passwords of others between two logins of their own.
import { CUT, cutName } from '../../base/bytes.ts';
import type { Cidr, Ip } from '../../base/ip.ts';
import { isListed } from '../blocks.ts';
import { clientKeyOf, ipOfClientKey, type ClientKey } from '../clientkey.ts';
import { Entries, type Held } from '../facts/entries.ts';
import { FairTable } from '../room/fairtable.ts';
import { networksOf, type Owner } from '../room/owner.ts';
import { BlockBans } from './blockbans.ts';
import type { LoginNews } from './loginnews.ts';
import { Suspects, type Suspect } from './suspects.ts';

/** Milliseconds since 1970: bans are kept over restarts. */
export type WallClock = () => number;

export interface BanRules {
  /** The number of failed logins within `windowMs` that cause a ban; 0: no bans. */
  readonly failures: number;
  readonly windowMs: number;
  /** Length of the first ban; each further one is twice as long, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Clients that are never counted or banned. */
  readonly allow: readonly Cidr[];
}

/** The subject of a ban: a client (as its key), or logins with a user name from unfamiliar addresses. */
export interface Banned {
  readonly kind: 'client' | 'user';
  readonly name: string;
}

export interface Ban extends Banned {
  readonly endsAt: number;
  readonly lengthMs: number;
}

/** Logins that are remembered, to tell a user's own addresses from unfamiliar ones; beyond it one of the user with most is forgotten. */
const MAX_FAMILIAR = 65_536;
const FAMILIAR_MS = 30 * 86_400_000;
/** Times finer than this serve no purpose, and a Map that changes with each login keeps garbage alive. */
const FAMILIAR_EXACT_MS = 60_000;

export class Bans {
  /** Blocks that the operator has banned. */
  readonly blocks: BlockBans;
  /** Bans of clients. Failures and locks of names stay here: elsewhere it is not known where a user has logged in. */
  readonly entries: Entries;
  readonly #now: WallClock;
  readonly #clients = new Suspects();
  readonly #users = new Suspects();
  /** `CLIENT USER` to the time of the last success. */
  readonly #familiar = new FairTable<number>(MAX_FAMILIAR);
  #tell: (news: LoginNews) => void = () => undefined;

  constructor(now: WallClock) {
    this.#now = now;
    this.blocks = new BlockBans(now);
    this.entries = new Entries(now, {
      held: () => this.#heldClients(),
      endOf: (name) => this.#clients.get(name)?.endsAt,
      put: ({ name, endsAt }) => this.#banUntil(name, endsAt),
      remove: (name) => this.#clients.delete(name),
    });
  }

  /** Whether this client is banned as a whole. Costs nothing while there are no suspects. */
  holds({ allow }: BanRules, client: Ip): boolean {
    if (this.#clients.size === 0) return this.blocks.holds(client) && !isListed(allow, client);
    const isBanned = this.#isBanned(this.#clients.get(clientKeyOf(client))) || this.blocks.holds(client);
    return isBanned && !isListed(allow, client);
  }

  /** Whether `user` is locked for this client's address, although the client itself is not banned. */
  locks({ allow }: BanRules, client: Ip, user: string): boolean {
    if (this.#users.size === 0 || !this.#isBanned(this.#users.get(user))) return false;
    return !isListed(allow, client) && !this.#isFamiliar(clientKeyOf(client), user);
  }

  /**
   * Counts a failed login. Returns the bans that follow from it, at most one for the client and one for the name, if there
   * was a name.
   */
  failed(rules: BanRules, client: Ip, user: string | undefined): readonly Ban[] {
    if (rules.failures === 0 || isListed(rules.allow, client)) return [];
    const made = this.#countBoth(rules, client, user);
    for (const { kind, name, endsAt } of made) if (kind === 'client') this.entries.set(name, '', endsAt);
    this.#tell({ kind: 'failed', client: clientKeyOf(client), user });
    return made;
  }

  /** `tell` hears of each login that counts, for the other members of this host. */
  tellLogins(tell: (news: LoginNews) => void): void {
    this.#tell = tell;
  }

  /** A login has ended at another member: all count the same, and come to the same bans. */
  heard(rules: BanRules, { kind, client: key, user }: LoginNews): void {
    const client = ipOfClientKey(key);
    if (client === undefined) return;
    if (kind === 'succeeded') this.#becomeFamiliar(client, user ?? '');
    else if (rules.failures > 0 && !isListed(rules.allow, client)) this.#countBoth(rules, client, user);
  }

  /** Logins that are remembered, as news for a member that has just come. */
  *familiar(): Generator<LoginNews> {
    for (const [key] of this.#familiar.entries()) {
      const space = key.indexOf(' ');
      yield { kind: 'succeeded', client: key.slice(0, space), user: key.slice(space + 1) };
    }
  }

  #countBoth(rules: BanRules, client: Ip, user: string | undefined): readonly Ban[] {
    const key = clientKeyOf(client);
    const networks = networksOf(client);
    const bans = [this.#count({ kind: 'client', name: key }, networks, rules)];
    // Failures from an address where this user has logged in count against that address, never against the name.
    if (user !== undefined && !this.#isFamiliar(key, user)) {
      bans.push(this.#count({ kind: 'user', name: user }, networks, rules));
    }
    return bans.filter((ban) => ban !== undefined);
  }

  /** A login succeeded: the address is one of the user's own. */
  succeeded(client: Ip, user: string): void {
    if (this.#becomeFamiliar(client, user))
      this.#tell({ kind: 'succeeded', client: clientKeyOf(client), user });
  }

  /** Whether that is news. */
  #becomeFamiliar(client: Ip, user: string): boolean {
    const familiar = familiarKey(clientKeyOf(client), user);
    const now = this.#now();
    const knownAt = this.#familiar.get(familiar) ?? -Infinity;
    if (Math.abs(now - knownAt) < FAMILIAR_EXACT_MS) return false;
    this.#familiar.put([user], familiar, now);
    return true;
  }

  /** Bans a client by hand; the address may be any of an IPv6 /64. */
  ban(client: Ip, lengthMs: number): Ban {
    const name = clientKeyOf(client);
    const endsAt = this.#now() + lengthMs;
    this.#banUntil(name, endsAt);
    this.entries.set(name, '', endsAt);
    return { kind: 'client', name, endsAt, lengthMs };
  }

  /** Clears the record of a client (as its key) or a user name (in the form of list()); returns whether there was a ban. */
  unban({ kind, name }: Banned): boolean {
    const suspects = this.#suspects(kind);
    const isCut = kind === 'user' && name.endsWith(`:${CUT}`);
    const names = isCut ? suspects.names().filter((whole) => cutName(whole) === name) : [name];
    const wasBanned = names.some((each) => this.#isBanned(suspects.get(each)));
    if (kind === 'client' && wasBanned) this.entries.removed(name, suspects.get(name)?.endsAt ?? 0);
    for (const each of names) suspects.delete(each);
    return wasBanned;
  }

  /** The bans that hold now with the time that is left, those that end first in front; user names are cut. */
  list(): readonly Ban[] {
    const now = this.#now();
    const bansOf = (kind: Banned['kind']): Ban[] =>
      this.#suspects(kind)
        .banned(now)
        .map(([name, { endsAt }]) => asShown({ kind, name, endsAt, lengthMs: endsAt - now }));
    const blocks = this.blocks
      .list()
      .map(({ name, endsAt }): Ban => ({ kind: 'client', name, endsAt, lengthMs: endsAt - now }));
    return [...bansOf('client'), ...blocks, ...bansOf('user')].sort(
      (one, other) => one.endsAt - other.endsAt,
    );
  }

  #banUntil(key: string, endsAt: number): void {
    const client = ipOfClientKey(key);
    if (client === undefined) return;
    const now = this.#now();
    const suspect = suspectOf(this.#clients, key, now);
    suspect.endsAt = endsAt;
    suspect.lastAt = now;
    this.#clients.put(networksOf(client), key, suspect, now);
  }

  /** Clients that are banned now, in no order, worked out as they are asked for: there may be very many. */
  *clients(): Generator<{ readonly client: ClientKey; readonly endsAt: number }> {
    for (const { name, endsAt } of this.#heldClients()) yield { client: name as ClientKey, endsAt };
  }

  *#heldClients(): Generator<Held> {
    for (const [name, suspect] of this.#clients.banned(this.#now())) {
      if (this.#isBanned(suspect)) yield { name, value: '', endsAt: suspect.endsAt };
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

  #suspects(kind: Banned['kind']): Suspects {
    return kind === 'client' ? this.#clients : this.#users;
  }

  #count(who: Banned, networks: Owner, rules: BanRules): Ban | undefined {
    const now = this.#now();
    const suspects = this.#suspects(who.kind);
    const suspect = suspectOf(suspects, who.name, now);
    const ban = countOne(suspect, who, rules, now);
    suspects.put(networks, who.name, suspect, now);
    return ban;
  }
}

/** One more failure; the ban that follows from it. */
function countOne(suspect: Suspect, who: Banned, rules: BanRules, now: number): Ban | undefined {
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

/** A ban for display: the name may have been sent with a password in it, which is cut. */
export function asShown(ban: Ban): Ban {
  return ban.kind === 'user' ? { ...ban, name: cutName(ban.name) } : ban;
}

/** The record of `name`. */
function suspectOf(suspects: Suspects, name: string, now: number): Suspect {
  return suspects.get(name) ?? { failures: 0, windowEndsAt: 0, level: 0, endsAt: 0, lastAt: now };
}

function familiarKey(client: ClientKey, user: string): string {
  return `${client} ${user}`;
}
