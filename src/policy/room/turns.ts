// Work that few can do at a time: waiting items are bounded and taken in turns, and no client or network gets all places at
// once, so that one whose work never ends keeps no other from being served.
import { FairQueue } from './fairqueue.ts';
import type { Owner } from './owner.ts';

export interface TurnsPlan<T> {
  /** How much can be done at a time, at best. */
  readonly maxRunning: number;
  /** Waiting items: in all, and of one client. */
  readonly maxWaiting: number;
  readonly maxWaitingPerClient: number;
  /** Whether one more can begin now. */
  readonly canRun: () => boolean;
  /** Settles when it is done. Never rejects. */
  readonly run: (item: T) => Promise<void>;
  /** The item has left the queue without being done. */
  readonly gaveWay: (item: T) => void;
}

export class Turns<T> {
  readonly #plan: TurnsPlan<T>;
  readonly #queue: FairQueue<{ readonly owner: Owner; readonly item: T }>;
  /** Running work of each client and network, by key. */
  readonly #running = new Map<string, number>();

  constructor(plan: TurnsPlan<T>) {
    this.#plan = plan;
    const { maxWaiting: max, maxWaitingPerClient: maxPerClient } = plan;
    this.#queue = new FairQueue({ max, maxPerClient, gaveWay: ({ item }) => plan.gaveWay(item) });
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Does the item at the owner's turn; false: there is no room for it. */
  add(owner: Owner, item: T): boolean {
    if (!this.#queue.push(owner, { owner, item })) return false;
    this.goOn();
    return true;
  }

  /** To be called when something can run that could not before. */
  goOn(): void {
    while (this.#plan.canRun()) {
      const next = this.#queue.shift((key, whose) => (this.#running.get(key) ?? 0) >= this.#most(whose));
      if (next === undefined) return;
      void this.#do(next.owner, next.item);
    }
  }

  /** Empties the queue, item by item. */
  drain(take: (item: T) => void): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) take(next.item);
  }

  /** A client may hold half of what runs, a network all but one. */
  #most(whose: 'client' | 'network'): number {
    const { maxRunning } = this.#plan;
    return Math.max(1, whose === 'client' ? Math.floor(maxRunning / 2) : maxRunning - 1);
  }

  async #do(owner: Owner, item: T): Promise<void> {
    this.#count(owner, 1);
    await this.#plan.run(item);
    this.#count(owner, -1);
    this.goOn();
  }

  #count(owner: Owner, change: 1 | -1): void {
    for (const key of owner) {
      const running = (this.#running.get(key) ?? 0) + change;
      if (running === 0) this.#running.delete(key);
      else this.#running.set(key, running);
    }
  }
}
