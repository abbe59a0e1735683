// A bounded queue that serves its owners in turn: one who has put in a hundred items delays another by one.

export class FairQueue<T> {
  readonly #limits: QueueLimits;
  /** In the order of their turns: an owner who was served goes to the end. */
  readonly #waiting = new Map<string, T[]>();
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Puts an item behind those of the same owner; false where the owner or the queue has no room left. */
  push(owner: string, item: T): boolean {
    const items = this.#waiting.get(owner) ?? [];
    if (this.#size >= this.#limits.maxQueued || items.length >= this.#limits.maxQueuedPerOwner) return false;
    items.push(item);
    this.#waiting.set(owner, items);
    this.#size++;
    return true;
  }

  /** Takes the first item of the owner whose turn it is. */
  shift(): T | undefined {
    for (const [owner, [first, ...rest]] of this.#waiting) {
      this.#waiting.delete(owner);
      if (rest.length > 0) this.#waiting.set(owner, rest);
      this.#size--;
      return first;
    }
    return undefined;
  }
}

export interface QueueLimits {
  readonly maxQueued: number;
  readonly maxQueuedPerOwner: number;
}
