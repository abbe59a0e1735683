// Blocks of addresses that the operator keeps out for a while, beside the clients whom failed logins ban. None gives way to another:
// they are few, and somebody has asked for each.
import { formatCidr, ipToBytes, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import { cidrHolds } from '../../base/zoned.ts';

/** Blocks at a time. Each client that comes is looked for in all of them. */
export const MAX_BLOCKS_BANNED = 256;

export interface BlockBan {
  /** `192.0.2.0/24`. */
  readonly name: string;
  readonly block: Cidr;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

export class BlockBans {
  readonly #now: () => number;
  readonly #bans = new Map<string, BlockBan>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Anew, for a block that is banned already; undefined: there are MAX_BLOCKS_BANNED others. */
  ban(block: Cidr, lengthMs: number): BlockBan | undefined {
    this.#forgetPast();
    const name = formatCidr(block);
    if (!this.#bans.has(name) && this.#bans.size >= MAX_BLOCKS_BANNED) return undefined;
    const ban = { name, block, endsAt: this.#now() + lengthMs };
    this.#bans.set(name, ban);
    return ban;
  }

  /** Whether this very block was banned. */
  unban(block: Cidr): boolean {
    this.#forgetPast();
    return this.#bans.delete(formatCidr(block));
  }

  /** Those that hold now. */
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

  #forgetPast(): void {
    const now = this.#now();
    for (const [name, { endsAt }] of this.#bans) if (endsAt <= now) this.#bans.delete(name);
  }
}
