// Bytes per second that sessions share: of a user, a group, a client, or all together. Fair in the sense of max-min: a session
// that needs less than an equal part gets what it needs, and the others share the rest equally.
import type { LimitScope } from '../../config/model/limit.ts';
import type { Account } from './account.ts';
import { divide } from './divide.ts';
import type { Entry } from './entry.ts';
import { limitsOf, type LimitTable } from './limits.ts';
import type { FlowDirection, RateParts } from './rateparts.ts';

/** Bytes per second; 0: no limit. */
interface Rate {
  readonly up: number;
  readonly down: number;
}

/** A session as it is seen here. */
export interface Sharer {
  readonly entry: Entry;
  readonly activity:
    | {
        progress(): { readonly bytesUp: number; readonly bytesDown: number };
        setRate(rate: Rate): void;
      }
    | undefined;
}

const DIRECTIONS: readonly FlowDirection[] = ['up', 'down'];

/** A session that uses at least this fraction of its rate is assumed to want more. */
const HUNGRY = 0.75;
/** Headroom of a session below that: this factor of its current rate until the next adjustment. */
const GROWTH = 1.5;
/** Part of an equal share that an idle session keeps, to begin with when it wakes. */
const KEPT_BY_IDLE = 1 / 16;
/** Smaller changes of a rate are not worth a call. */
const WORTH_A_CALL = 0.02;

/** The rate of one session, and its bytes at the last look; Infinity: no limit. */
interface RateGrant {
  readonly rate: Record<FlowDirection, number>;
  readonly moved: Record<FlowDirection, number>;
}

/** One session while shares are worked out. */
interface RateClaim {
  readonly sharer: Sharer;
  readonly demand: Record<FlowDirection, number>;
  readonly share: Record<FlowDirection, number>;
}

export class Shares {
  readonly #grants = new WeakMap<Sharer, RateGrant>();
  #lookedAtMs: number;
  #parts: RateParts | undefined;

  constructor(nowMs: number) {
    this.#lookedAtMs = nowMs;
  }

  /** From now on each rate is shared with other members. */
  shareBy(parts: RateParts): void {
    this.#parts = parts;
  }

  /** The first rate of a new relay of `sharer`: an equal part of each limit; undefined when there is no limit. */
  begin(table: LimitTable, sharer: Sharer): Rate | undefined {
    if (!table.watch.rates || !isRated(table, sharer.entry)) return undefined;
    const rateOf = (direction: FlowDirection): number =>
      firstShare(table, sharer.entry, direction, this.#parts);
    const rate = { up: rateOf('up'), down: rateOf('down') };
    this.#grants.set(sharer, { rate, moved: { up: 0, down: 0 } });
    return wireRate(rate);
  }

  /** Looks at what all sessions have moved and gives each its share of what it is part of. */
  adjust(table: LimitTable, sharers: Iterable<Sharer>, nowMs: number): void {
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    this.#lookedAtMs = nowMs;
    const claims: RateClaim[] = [];
    for (const sharer of sharers) {
      if (isRated(table, sharer.entry)) claims.push(this.#claim(sharer, seconds));
      else this.#release(sharer);
    }
    this.#parts?.begin();
    shareAll(table, claims, this.#parts);
    for (const { sharer, share } of claims) this.#grant(sharer, share);
  }

  #claim(sharer: Sharer, seconds: number): RateClaim {
    const { bytesUp = 0, bytesDown = 0 } = sharer.activity?.progress() ?? {};
    const moved = { up: bytesUp, down: bytesDown };
    const before = this.#grants.get(sharer);
    const demandOf = (direction: FlowDirection): number => {
      if (before === undefined) return Infinity;
      const used = (moved[direction] - before.moved[direction]) / seconds;
      return used >= before.rate[direction] * HUNGRY ? Infinity : used * GROWTH;
    };
    const demand = { up: demandOf('up'), down: demandOf('down') };
    this.#grants.set(sharer, { rate: before?.rate ?? { up: Infinity, down: Infinity }, moved });
    return { sharer, demand, share: { up: Infinity, down: Infinity } };
  }

  #grant(sharer: Sharer, share: Record<FlowDirection, number>): void {
    const grant = this.#grants.get(sharer);
    if (grant === undefined || !DIRECTIONS.some((each) => isWorthACall(grant.rate[each], share[each])))
      return;
    Object.assign(grant.rate, share);
    sharer.activity?.setRate(wireRate(share));
  }

  /** A reload has lifted its limits. */
  #release(sharer: Sharer): void {
    if (!this.#grants.delete(sharer)) return;
    sharer.activity?.setRate({ up: 0, down: 0 });
  }
}

function isRated(table: LimitTable, entry: Entry): boolean {
  return entry.accounts.some((account) => {
    const { up, down } = limitsOf(table, account);
    return up !== undefined || down !== undefined;
  });
}

function firstShare(
  table: LimitTable,
  entry: Entry,
  direction: FlowDirection,
  parts: RateParts | undefined,
): number {
  return entry.accounts.reduce((least, account) => {
    const rate = limitsOf(table, account)[direction]?.value ?? Infinity;
    const own = rate === Infinity ? rate : (parts?.firstPartOf(rate, account, direction) ?? rate);
    return Math.min(least, own / Math.max(1, account.sessions));
  }, Infinity);
}

/** From the narrowest party to the widest, none asking for more than the ones before have left it. */
function shareAll(table: LimitTable, claims: readonly RateClaim[], parts: RateParts | undefined): void {
  for (const scope of ['user', 'group', 'client', 'total'] as const) {
    for (const [account, members] of membersOf(claims, scope)) {
      for (const direction of DIRECTIONS) shareOf({ table, account, parts }, members, direction);
    }
  }
}

interface SharedLimit {
  readonly table: LimitTable;
  readonly account: Account;
  readonly parts: RateParts | undefined;
}

function membersOf(
  claims: readonly RateClaim[],
  scope: LimitScope,
): ReadonlyMap<Account, readonly RateClaim[]> {
  const parties = new Map<Account, RateClaim[]>();
  for (const claim of claims) {
    const account = claim.sharer.entry[scope];
    if (account === undefined) continue;
    const members = parties.get(account);
    if (members === undefined) parties.set(account, [claim]);
    else members.push(claim);
  }
  return parties;
}

function shareOf(
  { table, account, parts }: SharedLimit,
  members: readonly RateClaim[],
  direction: FlowDirection,
): void {
  const whole = limitsOf(table, account)[direction]?.value;
  if (whole === undefined) return;
  const wanted = members.reduce(
    (sum, { demand, share }) => sum + Math.min(demand[direction], share[direction]),
    0,
  );
  const rate = parts?.partOf(whole, account, direction, wanted) ?? whole;
  const kept = (rate / members.length) * KEPT_BY_IDLE;
  const demands = members.map(({ demand, share }) =>
    Math.max(kept, Math.min(demand[direction], share[direction])),
  );
  for (const [at, part] of divide(rate, demands).entries()) {
    const member = members[at];
    if (member !== undefined) member.share[direction] = Math.min(member.share[direction], part);
  }
}

function isWorthACall(before: number, after: number): boolean {
  return before !== after && Math.abs(after - before) > Math.min(before, after) * WORTH_A_CALL;
}

/** In whole bytes, of which there is at least one: 0 would be no limit. */
function wireRate({ up, down }: Rate): Rate {
  const whole = (rate: number): number => (rate === Infinity ? 0 : Math.max(1, Math.floor(rate)));
  return { up: whole(up), down: whole(down) };
}
