// Entries of one kind as facts. They live in the table of their owner, which clients are checked against; beside it stands, once a
// carrier follows them, the last change of each name: it decides whether what comes from elsewhere is news.
import { isLater, type EntryFact } from './fact.ts';
import { Stamps } from './stamps.ts';

/** The present value of one name. */
export type Held = Pick<EntryFact, 'name' | 'value' | 'endsAt'>;

/** The table of the owner that holds the entries. A table with a bound may forget any of them. */
export interface EntryTable {
  /** Those that hold, in no order, worked out as they are asked for. */
  readonly held: () => Iterable<Held>;
  /** When the entry of that name ends; undefined: there is none. */
  readonly endOf: (name: string) => number | undefined;
  /** Puts in a fact from elsewhere; a name that means nothing here is passed over. */
  readonly put: (entry: Held) => void;
  readonly remove: (name: string) => void;
}

/** Changes that are remembered; beyond it the one that was made longest ago counts as any of an unknown time. */
const MAX_CHANGES = 65_536;
/** How long a change is remembered after it has ended: clocks differ, and carriers are late. */
const KEPT_MS = 3_600_000;
/** Remembered changes of which it is looked after, at each question of a carrier, whether they have ended. */
const SWEPT_AT_ONCE = 256;

export class Entries {
  readonly #now: () => number;
  readonly #stamps: Stamps;
  readonly #table: EntryTable;
  /** undefined: no carrier follows them, and nothing is remembered. */
  #changes: Map<string, EntryFact> | undefined;
  readonly #untold = new Set<string>();
  #sweep: Iterator<[string, EntryFact]> | undefined;
  #onNews: () => void = () => undefined;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number, table: EntryTable) {
    this.#now = now;
    this.#stamps = new Stamps(now);
    this.#table = table;
  }

  /** Changes that are remembered. */
  get size(): number {
    return this.#changes?.size ?? 0;
  }

  /** From now on changes are remembered, for changes(); `onNews` hears of the first one since those were asked for. */
  follow(onNews: () => void = () => undefined): void {
    this.#changes ??= new Map();
    this.#onNews = onNews;
  }

  /** The owner has put in an entry of its own. */
  set(name: string, value: string, endsAt: number): void {
    this.#changed({ name, value, endsAt, state: 'holds' });
  }

  /** The owner has taken back the entry of a name, which would have held until `endsAt`. */
  removed(name: string, endsAt: number): void {
    this.#changed({ name, value: '', endsAt, state: 'removed' });
  }

  /** Those that hold. */
  held(): Iterable<Held> {
    return this.#table.held();
  }

  /** All that hold, for a carrier that saves or tells everything, and the changes remembered of those that no longer do. */
  *all(): Generator<EntryFact> {
    for (const held of this.#table.held()) yield this.#factOf(held);
    const now = this.#now();
    for (const change of this.#changes?.values() ?? []) {
      if (change.state === 'removed' || change.endsAt <= now) yield change;
    }
  }

  /** The changes made here or heard from elsewhere since the last call. */
  changes(): readonly EntryFact[] {
    this.#forgetEnded();
    const changes = [...this.#untold].flatMap((name) => this.#changes?.get(name) ?? []);
    this.#untold.clear();
    return changes;
  }

  /** Takes in what a carrier brings, in any order and as often as it likes. */
  merge(fact: EntryFact): void {
    const now = this.#now();
    if (fact.endsAt + KEPT_MS <= now || !this.#isNews(fact)) return;
    this.#stamps.saw(fact.stamp);
    // One of an unknown time says no more than the table itself.
    if (fact.stamp > 0) this.#remember(fact);
    if (fact.state === 'holds' && fact.endsAt > now) this.#table.put(fact);
    else this.#table.remove(fact.name);
  }

  #isNews(fact: EntryFact): boolean {
    const known = this.#changes?.get(fact.name);
    if (known !== undefined) return isLater(fact, known);
    return fact.stamp > 0 || fact.endsAt > (this.#table.endOf(fact.name) ?? -Infinity);
  }

  #factOf(held: Held): EntryFact {
    const change = this.#changes?.get(held.name);
    return { ...held, stamp: change?.state === 'holds' ? change.stamp : 0, state: 'holds' };
  }

  #changed(change: Omit<EntryFact, 'stamp'>): void {
    if (this.#changes !== undefined) this.#remember({ ...change, stamp: this.#stamps.next() });
  }

  #remember(fact: EntryFact): void {
    const changes = (this.#changes ??= new Map<string, EntryFact>());
    changes.delete(fact.name);
    changes.set(fact.name, fact);
    this.#untold.add(fact.name);
    if (this.#untold.size === 1) this.#onNews();
    for (const oldest of changes.keys()) {
      if (changes.size <= MAX_CHANGES) return;
      changes.delete(oldest);
      this.#untold.delete(oldest);
    }
  }

  #forgetEnded(): void {
    for (let left = SWEPT_AT_ONCE; left > 0; left--) {
      this.#sweep ??= this.#changes?.entries();
      const step = this.#sweep?.next();
      if (step?.done !== false) {
        this.#sweep = undefined;
        return;
      }
      const [name, { endsAt }] = step.value;
      if (endsAt + KEPT_MS > this.#now()) continue;
      this.#changes?.delete(name);
      this.#untold.delete(name);
    }
  }
}
