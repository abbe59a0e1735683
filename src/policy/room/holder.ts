// Who holds how much of a room, as a tree: networks, the networks in them, and clients as its leaves. Each holder keeps its parts
// in a heap by what they hold, so that the largest is known at once and a change costs O(log n) at each level. Of equals the one that
// has held so much for longest counts as the largest: where everybody holds one, that is whoever came first.

/** Whether the client or network of that key shall be passed over when it is its turn. */
export type IsBusy = (key: string, whose: 'client' | 'network') => boolean;

/** No place. */
export const NONE = -1;

export class Holder {
  readonly parent: Holder | undefined;
  readonly key: string;
  /** Units, those of all parts together. */
  held = 0;
  /** Of a leaf: its places from the oldest to the newest, as a list that the room keeps. */
  oldest = NONE;
  newest = NONE;
  /** Of a leaf: its places. */
  places = 0;
  /** Its part while it has had but one: most networks have one client, and a Map takes more than all else here. */
  #only: Holder | undefined;
  /** In the order of their turns. */
  #parts: Map<string, Holder> | undefined;
  /** The same as a binary heap, the largest first. */
  #heap: Holder[] | undefined;
  /** Where it stands in the heap of its parent. */
  #at = 0;
  /** Changes of its parts so far, and which of those of its parent was its last. */
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

  /** The part that holds most; undefined: this is a leaf, or it is empty. */
  get largest(): Holder | undefined {
    return this.#only ?? this.#heap?.[0];
  }

  /** The leaf whose turn it is, here and in each part on the way to it; it has the last turn from then on. undefined: all are busy. */
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

  /** The part of that key, which is made where there is none. */
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

  /** Counts `units` more (or less) here and in all above it. */
  count(units: number): void {
    this.held += units;
    if (this.parent === undefined) return;
    this.parent.#changes += 1;
    this.#changedAt = this.parent.#changes;
    this.parent.#order(this);
    this.parent.count(units);
  }

  /** It holds nothing any more: it is forgotten, and so are those above it that are empty then. */
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
