// Blocks of addresses that the operator keeps out for a while, beside the clients whom failed logins ban. None gives way to
// another: they are few, and the operator has asked for each.
import { formatCidr, ipToBytes, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import { cidrHolds, parseZonedCidr } from '../../base/zoned.ts';
import { Entries } from '../facts/entries.ts';

/** Blocks at a time. Each new client is compared with all of them. */
export const MAX_BLOCKS_BANNED = 256;

export interface BlockBan {
  /** `192.0.2.0/24`. */
  readonly name: string;
  readonly block: Cidr;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

export class BlockBans {
  readonly entries: Entries;
  readonly #now: () => number;
  readonly #bans = new Map<string, BlockBan>();

  constructor(now: () => number) {
    this.#now = now;
    this.entries = new Entries(now, {
      held: () => this.list().map(({ name, endsAt }) => ({ name, value: '', endsAt })),
      endOf: (name) => this.#bans.get(name)?.endsAt,
      put: ({ name, endsAt }) => this.#banUntil(parseZonedCidr(name), endsAt),
      remove: (name) => this.#bans.delete(name),
    });
  }

  /** Bans a block, or renews its ban; undefined when there are MAX_BLOCKS_BANNED others. */
  ban(block: Cidr, lengthMs: number): BlockBan | undefined {
    const ban = this.#banUntil(block, this.#now() + lengthMs);
    if (ban !== undefined) this.entries.set(ban.name, '', ban.endsAt);
    return ban;
  }

  /** Whether this very block was banned. */
  unban(block: Cidr): boolean {
    this.#forgetPast();
    const ban = this.#bans.get(formatCidr(block));
    if (ban === undefined) return false;
    this.entries.removed(ban.name, ban.endsAt);
    return this.#bans.delete(ban.name);
  }

  /** The bans in force. */
  list(): readonly BlockBan[] {
    const now = this.#now();
    return [...this.#bans.values()].filter(({ endsAt }) => endsAt > now);
  }

  holds(client: Ip): boolean {
    return this.#bans.size > 0 && this.of(client).length > 0;
  }

  /** The banned blocks in which the client is. */
  of(client: Ip): readonly BlockBan[] {
    const bytes = ipToBytes(unmapIp(client));
    return this.list().filter(({ block }) => cidrHolds(block, client, bytes));
  }

  /** undefined when there is no room, or no such block. */
  #banUntil(block: Cidr | undefined, endsAt: number): BlockBan | undefined {
    if (block === undefined) return undefined;
    this.#forgetPast();
    const name = formatCidr(block);
    if (!this.#bans.has(name) && this.#bans.size >= MAX_BLOCKS_BANNED) return undefined;
    const ban = { name, block, endsAt };
    this.#bans.set(name, ban);
    return ban;
  }

  #forgetPast(): void {
    const now = this.#now();
    for (const [name, { endsAt }] of this.#bans) if (endsAt <= now) this.#bans.delete(name);
  }
}
