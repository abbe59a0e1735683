// The holders of a room as a tree: networks, the networks in them, and clients as leaves. Each holder keeps its parts
// in a heap by what they hold, so that the largest is known at once and a change costs O(log n) at each level. Of
// equals, the one that has held that much for longest counts as the largest: if each holds one, that is the first to
// come.

/** Whether the client or network of that key is skipped at its turn. */
export type IsBusy = (key: string, whose: 'client' | 'network') => boolean;

/** No place. */
export const NONE = -1;

export class Holder {
  readonly parent: Holder | undefined;
  readonly key: string;
  /** Units of this holder, all its parts included. */
  held = 0;
  /** For a leaf: its places from the oldest to the newest, as a list kept by the room. */
  oldest = NONE;
  newest = NONE;
  /** For a leaf: the number of its places. */
  places = 0;
  /** The only part so far: most networks have one client, and a Map would take more memory than everything else here. */
  #only: Holder | undefined;
  /** In the order of turns. */
  #parts: Map<string, Holder> | undefined;
  /** The same parts as a binary heap, the largest first. */
  #heap: Holder[] | undefined;
  /** Index in the heap of the parent. */
  #at = 0;
  /** The number of changes to its parts, and that number of the parent at this holder's last change. */
  #changes = 0;
  #changedAt = 0;

  constructor(parent?: Holder, key = '') {
    this.parent = parent;
    this.key = key;
  }

  part(key: string | undefined): Holder | undefined {
    if (key === undefined) return undefined;
    return this.#only === undefined ? this.#parts?.get(key) : this.#only.key === key ? this.#only : undefined;
  }

  /** The part that holds most; undefined: this is a leaf, or empty. */
  get largest(): Holder | undefined {
    return this.#only ?? this.#heap?.[0];
  }

  /**
   * The leaf whose turn it is, here and in each part on the way to it; it then has the last turn. undefined: all are
   * busy.
   */
  takeTurn(isBusy: IsBusy): Holder | undefined {
    for (const part of this.#only === undefined ? (this.#parts?.values() ?? []) : [this.#only]) {
      const isLeaf = part.largest === undefined;
      if (isBusy(part.key, isLeaf ? 'client' : 'network')) continue;
      const leaf = isLeaf ? part : part.takeTurn(isBusy);
      if (leaf === undefined) continue;
      this.#parts?.delete(part.key);
      this.#parts?.set(part.key, part);
      return leaf;
    }
    return undefined;
  }

  /** The part of that key, created if absent. */
  join(key: string): Holder {
    const known = this.part(key);
    if (known !== undefined) return known;
    const part = new Holder(this, key);
    if (this.#only === undefined && this.#parts === undefined) {
      this.#only = part;
      return part;
    }
    const first = this.#only;
    this.#only = undefined;
    this.#parts ??= new Map(first && [[first.key, first]]);
    this.#heap ??= first === undefined ? [] : [first];
    this.#parts.set(key, part);
    part.#at = this.#heap.push(part) - 1;
    return part;
  }

  /** Adds `units` (or subtracts) here and in all holders above. */
  count(units: number): void {
    this.held += units;
    if (this.parent === undefined) return;
    this.parent.#changes += 1;
    this.#changedAt = this.parent.#changes;
    this.parent.#order(this);
    this.parent.count(units);
  }

  /** Removes an empty holder, and those above it that become empty. */
  leave(): void {
    const { parent } = this;
    if (parent === undefined) return;
    if (parent.#only === this) parent.#only = undefined;
    parent.#parts?.delete(this.key);
    const last = parent.#heap?.pop();
    if (last !== undefined && last !== this) {
      parent.#put(last, this.#at);
      parent.#order(last);
    }
    if (parent.largest === undefined) parent.leave();
  }

  #isBefore(other: Holder): boolean {
    return this.held > other.held || (this.held === other.held && this.#changedAt < other.#changedAt);
  }

  #order(part: Holder): void {
    if (part === this.#only) return;
    this.#sink(part);
    this.#rise(part);
  }

  #rise(part: Holder): void {
    while (part.#at > 0) {
      const above = this.#heap?.[(part.#at - 1) >> 1];
      if (above === undefined || !part.#isBefore(above)) return;
      this.#swap(above, part);
    }
  }

  #sink(part: Holder): void {
    for (;;) {
      const left = this.#heap?.[2 * part.#at + 1];
      const right = this.#heap?.[2 * part.#at + 2];
      const larger = left !== undefined && right !== undefined && right.#isBefore(left) ? right : left;
      if (larger === undefined || !larger.#isBefore(part)) return;
      this.#swap(larger, part);
    }
  }

  #swap(one: Holder, other: Holder): void {
    const at = one.#at;
    this.#put(one, other.#at);
    this.#put(other, at);
  }

  #put(part: Holder, at: number): void {
    if (this.#heap !== undefined) this.#heap[at] = part;
    part.#at = at;
  }
}
