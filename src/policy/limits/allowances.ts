// How far each session under a quota may go until the next look, so that no quota is overshot: what all of them may move
// together is never more than what is left. What is taken back from one is given to others only at the look after that, when it
// is known how much of it had gone.
import type { Account } from './account.ts';
import { divide } from './divide.ts';
import type { Entry } from './entry.ts';
import { limitsOf, type LimitTable } from './limits.ts';
import type { Usage } from './quota.ts';

/** A session as it is seen here; `entry.bookedBytes` are those that its quotas have counted. */
export interface Bounded {
  readonly entry: Entry;
  readonly activity: { setStop(bytes: number): void } | undefined;
}

/** Bytes that a session may move until it is looked at for the first time, where enough is left. */
const FIRST_BYTES = 16 * 1024 * 1024;
/** The growth that a session may have from one look to the next. */
const GROWTH = 4;
/** Part of an equal share that an idle session keeps, to begin with when it wakes. */
const KEPT_BY_IDLE = 1 / 16;

/** Where a session has to stop, and what it had moved at the last look. */
interface VolumeGrant {
  readonly stop: number;
  readonly moved: number;
}

/** One session while allowances are worked out. */
interface VolumeClaim {
  readonly session: Bounded;
  /** The bytes that it may still move by its old stop; Infinity: it had none. */
  readonly held: number;
  readonly demand: number;
  /** The bytes that it should be allowed. */
  aim: number;
  /** Part of what it lacks to its aim that it gets now. */
  pace: number;
}

type ClaimsByAccount = ReadonlyMap<Account, readonly VolumeClaim[]>;

export class Allowances {
  readonly #usage: Usage;
  readonly #grants = new WeakMap<Bounded, VolumeGrant>();
  /** The part of a party's remainder at the last look that no session holds. */
  readonly #free = new Map<Account, number>();

  constructor(usage: Usage) {
    this.#usage = usage;
  }

  /** Lets a session begin; a relay under a quota stands at a stop until then. */
  begin(table: LimitTable, session: Bounded): void {
    if (!isBounded(table, session.entry)) {
      // The quota that it began under is gone.
      session.activity?.setStop(Infinity);
      return;
    }
    const parties = boundedBy(table, session.entry);
    const halves = parties.map((account) => this.#freeOf(table, account) / 2);
    const allowed = Math.ceil(Math.min(FIRST_BYTES, ...halves));
    for (const account of parties) this.#free.set(account, this.#freeOf(table, account) - allowed);
    this.#give(session, allowed);
  }

  /** Looks at what all sessions have moved, which has been booked, and says how far each may go from there. */
  adjust(table: LimitTable, sessions: Iterable<Bounded>): void {
    this.#free.clear();
    const claims: VolumeClaim[] = [];
    for (const session of sessions) {
      if (isBounded(table, session.entry)) claims.push(this.#claim(session));
      else this.#release(session);
    }
    const parties = partiesOf(table, claims);
    for (const [account, members] of parties) aim(this.#usage.ownPartOfLeft(table, account), members);
    for (const [account, members] of parties) pace(this.#usage.ownPartOfLeft(table, account), members);
    for (const claim of claims) this.#settle(claim);
    for (const [account, members] of parties) {
      const given = members.reduce((sum, claim) => sum + Math.max(claim.held, nextOf(claim)), 0);
      this.#free.set(account, Math.max(0, this.#usage.ownPartOfLeft(table, account) - given));
    }
  }

  #freeOf(table: LimitTable, account: Account): number {
    return this.#free.get(account) ?? this.#usage.ownPartOfLeft(table, account);
  }

  #claim(session: Bounded): VolumeClaim {
    const { bookedBytes } = session.entry;
    const { stop, moved } = this.#grants.get(session) ?? { stop: Infinity, moved: 0 };
    const held = Math.max(0, stop - bookedBytes);
    const grown = (bookedBytes - moved) * GROWTH;
    // A session that stands at its stop may want any amount.
    const demand = held === 0 ? Math.max(FIRST_BYTES, grown) : grown;
    return { session, held, demand, aim: Math.max(FIRST_BYTES, grown), pace: 1 };
  }

  #settle(claim: VolumeClaim): void {
    const { session, held } = claim;
    const next = nextOf(claim);
    if (next !== held) this.#give(session, next);
    else this.#note(session, session.entry.bookedBytes + held);
  }

  #give(session: Bounded, bytes: number): void {
    const stop = session.entry.bookedBytes + bytes;
    this.#note(session, stop);
    session.activity?.setStop(stop);
  }

  #note(session: Bounded, stop: number): void {
    this.#grants.set(session, { stop, moved: session.entry.bookedBytes });
  }

  /** A reload has lifted its quotas. */
  #release(session: Bounded): void {
    if (this.#grants.delete(session)) session.activity?.setStop(Infinity);
  }
}

/** Whether a quota holds for the session. */
export function isBounded(table: LimitTable, entry: Entry): boolean {
  return table.watch.quotas && boundedBy(table, entry).length > 0;
}

function boundedBy(table: LimitTable, entry: Entry): readonly Account[] {
  return entry.accounts.filter((account) => {
    const { day, month } = limitsOf(table, account);
    return day !== undefined || month !== undefined;
  });
}

function partiesOf(table: LimitTable, claims: readonly VolumeClaim[]): ClaimsByAccount {
  const parties = new Map<Account, VolumeClaim[]>();
  for (const claim of claims) {
    for (const account of boundedBy(table, claim.session.entry)) {
      const members = parties.get(account);
      if (members === undefined) parties.set(account, [claim]);
      else members.push(claim);
    }
  }
  return parties;
}

/** Shares the rest among the sessions that want it. */
function aim(left: number, members: readonly VolumeClaim[]): void {
  const kept = (left / members.length) * KEPT_BY_IDLE;
  const parts = divide(
    left,
    members.map(({ demand }) => Math.max(kept, demand)),
  );
  for (const [at, claim] of members.entries()) claim.aim = Math.min(claim.aim, parts[at] ?? 0);
}

/** Gives no more than the bytes that no session can still move by its earlier stop. */
function pace(left: number, members: readonly VolumeClaim[]): void {
  const held = members.reduce((sum, claim) => sum + claim.held, 0);
  const lacking = members.reduce((sum, claim) => sum + lackOf(claim), 0);
  const free = Math.max(0, left - held);
  if (lacking <= free) return;
  for (const claim of members) claim.pace = Math.min(claim.pace, free / lacking);
}

/** A session that still has half of its part is left alone, as most sessions are by most looks. */
function lackOf({ held, aim }: VolumeClaim): number {
  return held < aim / 2 ? aim - held : 0;
}

/** At least a byte, so that a session that wants more can show it. */
function nextOf(claim: VolumeClaim): number {
  const { held, aim, pace } = claim;
  return held > aim ? Math.ceil(aim) : held + Math.ceil(lackOf(claim) * pace);
}
