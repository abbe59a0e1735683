// Who else is in the fleet: members that were heard of lately, and whether something of what they said was missed.

/** As long as a lease of their rows (otherrows.ts). */
const LEASE_MS = 3000;
/** Less than that: who was silent for longer may have been taken for gone, and its rows with it. */
const SILENT_MS = 2500;
/** Members that are remembered; beyond it the one that was silent for longest is forgotten. */
const MAX_MEMBERS = 256;

interface Seen {
  readonly epoch: number;
  seq: number;
  heardAtMs: number;
  /** Not all of its rows are known. */
  isPartial: boolean;
}

export interface Heard {
  readonly isNew: boolean;
  /** It has to tell everything. */
  readonly isPartial: boolean;
}

export class Roster {
  /** A monotonic clock in milliseconds. */
  readonly #now: () => number;
  /** The one that was silent for longest in front. */
  readonly #members = new Map<string, Seen>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those that were heard within a lease. */
  get living(): readonly string[] {
    const now = this.#now();
    return [...this.#members].flatMap(([name, { heardAtMs }]) => (now - heardAtMs < LEASE_MS ? [name] : []));
  }

  /** Those that are remembered and silent, the one that was so for longest in front. */
  get missing(): readonly string[] {
    const living = new Set(this.living);
    return [...this.#members.keys()].filter((name) => !living.has(name));
  }

  /** A message of a member with the number `seq`; undefined: it is of a life that is over. */
  hear(name: string, epoch: number, seq: number, tells: 'all' | 'changes'): Heard | undefined {
    const now = this.#now();
    const known = this.#members.get(name);
    if (known !== undefined && known.epoch > epoch) return undefined;
    const isNew = known === undefined || known.epoch < epoch || now - known.heardAtMs >= LEASE_MS;
    const missed = isNew || seq > known.seq + 1 || now - known.heardAtMs > SILENT_MS;
    const isPartial = tells === 'changes' && (missed || known.isPartial);
    this.#members.delete(name);
    this.#members.set(name, { epoch, seq, heardAtMs: now, isPartial });
    for (const silent of this.#members.keys()) {
      if (this.#members.size <= MAX_MEMBERS) break;
      this.#members.delete(silent);
    }
    return { isNew, isPartial };
  }

  /** Whether something was heard of this life of a member. */
  knows(name: string, epoch: number): boolean {
    return this.#members.get(name)?.epoch === epoch;
  }

  leave(name: string): void {
    this.#members.delete(name);
  }

  /** This member was away itself: it may have missed something of everybody. */
  missAll(): void {
    for (const seen of this.#members.values()) seen.isPartial = true;
  }
}
