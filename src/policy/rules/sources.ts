// Which address of a pool a session comes from: one of each family, chosen when the session is about to leave.
import { ipFromBytes, parseIp, unmapIp, type Cidr, type Ip } from '../../base/ip.ts';
import type { SourcePlan } from '../../config/model/config.ts';
import { isOneAddress, SOURCE_PLAN } from '../../config/routes/source.ts';
import { clientKeyOf, ipOfClientKey } from '../clientkey.ts';
import { Entries, type Held } from '../facts/entries.ts';
import { ANONYMOUS, type Identity } from '../identity.ts';
import { FairTable } from '../room/fairtable.ts';
import { networksOf, type Owner } from '../room/owner.ts';

/** Users and clients that keep an address; beyond that the oldest client of the network with most may get another one. */
const MAX_STICKY = 65_536;

/** The client of the session. */
export interface Leaver {
  /** undefined: no party in particular. */
  readonly identity: Identity | undefined;
  readonly client: Ip;
  /** The address of this host to which the client has connected. */
  readonly local: Ip;
}

interface SourceChoice {
  readonly sources: readonly Ip[];
  readonly untilMs: number;
}

export class Sources {
  /** Choices that stick. */
  readonly entries: Entries;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #wall: () => number;
  readonly #sticky = new FairTable<SourceChoice>(MAX_STICKY);
  /** Sessions so far, of pools that take turns. */
  readonly #turns = new WeakMap<SourcePlan, number>();

  /** `now`: a monotonic clock in milliseconds; `random`: from 0 to less than 1; `wall`: milliseconds since 1970. */
  constructor(now: () => number, random: () => number, wall = now) {
    this.#now = now;
    this.#random = random;
    this.#wall = wall;
    this.entries = new Entries(wall, {
      held: () => this.#held(),
      endOf: (name) => this.#untilWall(this.#sticky.get(name)),
      put: (choice) => this.#stickTo(choice),
      remove: (name) => this.#sticky.delete(name),
    });
  }

  /** At most one address for each family; none where there is no plan: the system chooses. */
  choose(plan: SourcePlan | undefined, leaver: Leaver): readonly Ip[] {
    if (plan === undefined) return NO_SOURCE;
    const { pool, policy } = plan;
    if (pool.kind === 'client') return [unmapIp(leaver.local)];
    switch (policy?.kind) {
      case 'random':
        return this.#byChance(pool.blocks);
      case 'sticky':
        return this.#same(plan, pool.blocks, policy.milliseconds, leaver);
      case 'round-robin':
      case undefined:
        return this.#inTurn(plan, pool.blocks);
    }
  }

  #byChance(blocks: readonly Cidr[]): readonly Ip[] {
    return this.#oneOfEach(blocks, (count) => Math.floor(this.#random() * count));
  }

  #inTurn(plan: SourcePlan, blocks: readonly Cidr[]): readonly Ip[] {
    const turn = this.#turns.get(plan) ?? 0;
    this.#turns.set(plan, (turn + 1) % Number.MAX_SAFE_INTEGER);
    return this.#oneOfEach(blocks, (count) => turn % count);
  }

  /** Chosen by chance the first time, and again once that is `milliseconds` ago. */
  #same(plan: SourcePlan, blocks: readonly Cidr[], milliseconds: number, leaver: Leaver): readonly Ip[] {
    // A plan has no blanks, so no name can look like another name with another plan.
    const key = `${whoIs(leaver)} ${SOURCE_PLAN.format(plan)}`;
    const now = this.#now();
    const before = this.#sticky.get(key);
    if (before !== undefined && now < before.untilMs) return before.sources;
    const sources = this.#byChance(blocks);
    const choice = { sources, untilMs: now + milliseconds };
    // An anonymous client can be many users.
    const owner = leaver.identity?.kind === 'user' ? [key] : networksOf(leaver.client);
    this.#sticky.put(owner, key, choice);
    this.entries.set(key, sources.join(' '), this.#untilWall(choice));
    return sources;
  }

  #held(): readonly Held[] {
    return this.#sticky
      .entries()
      .map(([name, choice]) => ({ name, value: choice.sources.join(' '), endsAt: this.#untilWall(choice) }));
  }

  /** A choice that was made elsewhere. */
  #stickTo({ name, value, endsAt }: Held): void {
    const owner = ownerOfChoice(name);
    const sources = value.split(' ').flatMap((text) => parseIp(text) ?? []);
    if (owner === undefined || sources.length === 0) return;
    this.#sticky.put(owner, name, { sources, untilMs: this.#now() + endsAt - this.#wall() });
  }

  #untilWall(choice: SourceChoice): number;
  #untilWall(choice: SourceChoice | undefined): number | undefined;
  #untilWall(choice: SourceChoice | undefined): number | undefined {
    return choice && this.#wall() + choice.untilMs - this.#now();
  }

  #oneOfEach(blocks: readonly Cidr[], pick: (count: number) => number): readonly Ip[] {
    return ([4, 6] as const).flatMap((family) => {
      const own = blocks.filter((block) => block.family === family);
      const block = own[pick(own.length)];
      return block === undefined ? [] : [this.#addressOf(block)];
    });
  }

  /** Any address of a block, all of them as likely. */
  #addressOf(block: Cidr): Ip {
    if (isOneAddress(block)) return ipFromBytes(block.base);
    return ipFromBytes(block.base.map((byte, at) => byte ^ (this.#chance() & freeBits(block.bits - at * 8))));
  }

  #chance(): number {
    return Math.floor(this.#random() * 256);
  }
}

const NO_SOURCE: readonly Ip[] = [];

/** The bits of a byte that a prefix leaves free, when `fixed` bits of the prefix are in this byte or behind it. */
function freeBits(fixed: number): number {
  return 0xff >> Math.min(8, Math.max(0, fixed));
}

/** As #same() has it; undefined: no choice has that name. */
function ownerOfChoice(name: string): Owner | undefined {
  const [kind, key = ''] = name.split(' ', 2);
  if (kind === 'user') return [name];
  const client = kind === 'client' ? ipOfClientKey(key) : undefined;
  return client && networksOf(client);
}

function whoIs({ identity = ANONYMOUS, client }: Leaver): string {
  return identity.kind === 'user' ? `user ${identity.name}` : `client ${clientKeyOf(client)}`;
}
