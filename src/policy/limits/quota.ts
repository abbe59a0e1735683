// Bytes of the calendar day and month, in both directions, for parties with a quota. Days and months begin at midnight of local
// time. The counts outlive restarts by the state file. A clock that is set back renews no quota: bytes counted on a later day
// count until that day is over.
import type { LimitScope } from '../../config/model/limit.ts';
import { partyKeyOf, type BytesFact, type Party } from '../facts/fact.ts';
import { laterBytes, OtherBytes } from '../facts/otherbytes.ts';
import { Untold } from '../facts/untold.ts';
import { limitsOf, type Limit, type LimitTable } from './limits.ts';

/** The bytes that one party has moved. */
export type Use = BytesFact;

/** Parties that are kept in each scope; beyond it the one that moved nothing for longest is forgotten. */
const MAX_PARTIES = 65_536;

/** The last bytes of a quota are not worth waiting for: 1/1024 of it, and no more than so many. */
const MOST_SCRAP = 1024;

export class Usage {
  /** The counts of other members. */
  readonly others = new OtherBytes();
  /** Milliseconds since 1970. */
  readonly #now: () => number;
  readonly #uses: Readonly<Record<LimitScope, Map<string, Use>>> = {
    total: new Map(),
    client: new Map(),
    user: new Map(),
    group: new Map(),
  };
  readonly #untold = new Untold();
  #members = 1;
  #keepsOwn = false;
  /** The current day, and when it has to be worked out again: with the minute, for clocks and zones may be set. */
  #today = '';
  #minute = NaN;
  #dayOf = (nowMs: number): string => localDay(new Date(nowMs));
  #onSetBack: ((latest: string, today: string) => void) | undefined;
  /** The day on which #onSetBack was called last. */
  #toldOn = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `listener` hears that the bytes of a party were counted on a day, `latest`, that comes after the clock's `today`: once on each. */
  whenSetBack(listener: (latest: string, today: string) => void): void {
    this.#onSetBack = listener;
  }

  /** From now on `dayOf` says on which day a moment is, for all members alike. */
  countDaysBy(dayOf: (nowMs: number) => string): void {
    this.#dayOf = dayOf;
    this.#minute = NaN;
  }

  /** The day that counts now. */
  get today(): string {
    return this.#day();
  }

  /** `bytes` more were moved. Counted only where the table has a quota. */
  add(table: LimitTable, party: Party, bytes: number): void {
    const { day, month } = limitsOf(table, party);
    if (bytes === 0 || (day === undefined && month === undefined)) return;
    const use = this.#own(party);
    this.#untold.mark(party);
    this.#put({ ...use, dayBytes: use.dayBytes + bytes, monthBytes: use.monthBytes + bytes });
  }

  /** The quota that is used up; undefined: none. */
  exhausted(table: LimitTable, party: Party): Limit | undefined {
    const { day, month } = limitsOf(table, party);
    if (day === undefined && month === undefined) return undefined;
    const { dayBytes, monthBytes } = this.of(party);
    if (day !== undefined && isUsedUp(day, dayBytes)) return day;
    return month !== undefined && isUsedUp(month, monthBytes) ? month : undefined;
  }

  /** Bytes that a party may still move; Infinity: it has no quota. */
  left(table: LimitTable, party: Party): number {
    const { day, month } = limitsOf(table, party);
    if (day === undefined && month === undefined) return Infinity;
    const { dayBytes, monthBytes } = this.of(party);
    const ofDay = (day?.value ?? Infinity) - dayBytes;
    return Math.max(0, Math.min(ofDay, (month?.value ?? Infinity) - monthBytes));
  }

  /** Whether so little is left that `sessions` can hardly share it any more. */
  isSpent(table: LimitTable, party: Party, sessions: number): boolean {
    const { day, month } = limitsOf(table, party);
    if (day === undefined && month === undefined) return false;
    return this.left(table, party) <= sessions + Math.min(scrapOf(day), scrapOf(month));
  }

  /** The bytes that a party has moved today and this month, here and elsewhere. */
  of(party: Party): Use {
    const own = this.#own(party);
    if (this.others.size === 0) return own;
    const { dayBytes, monthBytes } = this.others.of(party, own.day);
    return { ...own, dayBytes: own.dayBytes + dayBytes, monthBytes: own.monthBytes + monthBytes };
  }

  #own(party: Party): Use {
    const today = this.#day();
    const use = this.#uses[party.scope].get(party.name);
    if (use?.day === today) return use;
    if (use !== undefined && use.day > today) {
      this.#tellSetBack(use.day, today);
      return use;
    }
    const isSameMonth = use !== undefined && monthOf(use.day) === monthOf(today);
    return { ...nameOf(party), day: today, dayBytes: 0, monthBytes: isSameMonth ? use.monthBytes : 0 };
  }

  /** From now on a carrier asks for changes(). `onNews` hears of the first one since. `members` share what is left of a quota. */
  follow(onNews?: () => void, members = 1): void {
    this.#members = members;
    this.#untold.follow(onNews);
  }

  /** left(), as far as this member may give it to its sessions without asking the others. */
  ownPartOfLeft(table: LimitTable, party: Party): number {
    return this.left(table, party) / this.#members;
  }

  /** Others keep what they have counted themselves. */
  keepOwn(): void {
    this.#keepsOwn = true;
  }

  /** What a file has to keep, worked out as it is asked for: what all members have counted, unless each keeps its own. */
  *kept(): Generator<Use> {
    yield* this.#keepsOwn || this.others.size === 0 ? this.uses() : this.#allUses();
  }

  *#allUses(): Generator<Use> {
    const own = new Set<string>();
    for (const use of this.uses()) {
      own.add(partyKeyOf(use));
      yield this.of(use);
    }
    for (const party of this.others.parties()) {
      if (own.has(partyKeyOf(party))) continue;
      const use = this.of(party);
      if (use.monthBytes > 0) yield use;
    }
  }

  /** The counts here of all parties that have moved bytes since the last call. */
  changes(): readonly Use[] {
    const parties = this.#untold.take();
    return parties === 'all' ? [...this.uses()] : parties.map((party) => this.#own(party));
  }

  /** All that still counts of what was counted here, worked out as it is asked for: there may be very many. */
  *uses(): Generator<Use> {
    const month = monthOf(this.#day());
    for (const uses of Object.values(this.#uses)) {
      for (const use of [...uses.values()]) if (monthOf(use.day) >= month) yield use;
    }
  }

  /** Puts back what uses() gave, from a file or from a member that knows it: it is never counted twice. */
  restore(use: Use): void {
    const known = this.#uses[use.scope].get(use.name);
    this.#put(known === undefined ? use : laterBytes(known, use));
  }

  #tellSetBack(latest: string, today: string): void {
    if (this.#toldOn === today) return;
    this.#toldOn = today;
    this.#onSetBack?.(latest, today);
  }

  #put(use: Use): void {
    const uses = this.#uses[use.scope];
    uses.delete(use.name);
    uses.set(use.name, use);
    for (const quietest of uses.keys()) {
      if (uses.size <= MAX_PARTIES) return;
      uses.delete(quietest);
    }
  }

  #day(): string {
    const minute = Math.floor(this.#now() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#today = this.#dayOf(this.#now());
    }
    return this.#today;
  }
}

function isUsedUp(limit: Limit, bytes: number): boolean {
  return bytes >= limit.value - scrapOf(limit);
}

function scrapOf(limit: Limit | undefined): number {
  return limit === undefined ? Infinity : Math.min(MOST_SCRAP, Math.floor(limit.value / 1024));
}

function nameOf({ scope, name }: Party): Party {
  return { scope, name };
}

function localDay(date: Date): string {
  const twoDigits = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function monthOf(day: string): string {
  return day.slice(0, 7);
}
