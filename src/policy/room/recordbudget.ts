// Which of many events of one kind get a record of their own, and which are counted together. A client that causes
// thousands of refusals cannot fill the log with them, and no refusal goes uncounted.
import type { Owner } from './owner.ts';

/** Single records within one interval. */
export interface RecordPlan {
  readonly perClient: number;
  /** For each network of a client, so that many addresses of one network get no more than a few clients. */
  readonly perNetwork: number;
  readonly inAll: number;
}

/** Events without a record of their own. */
export interface Together {
  /** A client, or the network whose clients were too many together (as in Owner); undefined: all others. */
  readonly who: string | undefined;
  /** By cause. */
  readonly counts: ReadonlyMap<string, number>;
  readonly count: number;
  /** The time of the first of them, by the caller's clock. */
  readonly sinceMs: number;
}

/**
 * Each event is either told by its own record or counted in exactly one Together. An interval begins with its first
 * event and lasts until end(). It holds at most `inAll` records of single events, and at most `inAll / perClient +
 * inAll / perNetwork * (levels of an Owner - 1) + 1` of several. Memory is bounded by `inAll`: only a record of its
 * own makes a client known. Each step takes constant time.
 */
export class RecordBudget {
  readonly #plan: RecordPlan;
  readonly #known = new Map<string, Share>();
  #all = new Share();

  constructor(plan: RecordPlan) {
    this.#plan = plan;
  }

  /** Whether this event gets a record of its own; if not, it is counted `count` times. */
  take(owner: Owner, cause: string, nowMs: number, count = 1): boolean {
    const full = this.#fullShareOf(owner);
    if (full !== undefined) {
      full.add(cause, count, nowMs);
      return false;
    }
    for (const name of owner) this.#shareOf(name).told += 1;
    this.#all.told += 1;
    return true;
  }

  /** Ends the interval: returns its counts, and forgets all clients. */
  end(): readonly Together[] {
    const together = [...this.#known].map(([who, share]) => share.together(who));
    together.push(this.#all.together(undefined));
    this.#known.clear();
    this.#all = new Share();
    return together.filter(({ count }) => count > 0);
  }

  /** The narrowest part without a record left: the client, a network, all. */
  #fullShareOf(owner: Owner): Share | undefined {
    for (let at = owner.length - 1; at >= 0; at--) {
      const share = this.#known.get(owner[at] ?? '');
      const most = at === owner.length - 1 ? this.#plan.perClient : this.#plan.perNetwork;
      if (share !== undefined && share.told >= most) return share;
    }
    return this.#all.told >= this.#plan.inAll ? this.#all : undefined;
  }

  #shareOf(name: string): Share {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const share = new Share();
    this.#known.set(name, share);
    return share;
  }
}

/** The use that one client, one network or all have made of the interval. */
class Share {
  /** Records of single events. */
  told = 0;
  #counts: Map<string, number> | undefined;
  #count = 0;
  #sinceMs = 0;

  add(cause: string, count: number, nowMs: number): void {
    if (this.#count === 0) this.#sinceMs = nowMs;
    this.#count += count;
    this.#counts ??= new Map();
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + count);
  }

  together(who: string | undefined): Together {
    return { who, counts: this.#counts ?? new Map(), count: this.#count, sinceMs: this.#sinceMs };
  }
}
