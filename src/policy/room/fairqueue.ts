// A bounded queue that serves its owners in turn: an owner with a hundred items delays another by one. When it is
// full, the newest item of the owner with most gives way to a newcomer.
import { FairRoom, type IsBusy, type PlaceNumber } from './fairroom.ts';
import type { Owner } from './owner.ts';

export interface FairQueuePlan<T> {
  /** Waiting items: in all, and of one client. */
  readonly max: number;
  readonly maxPerClient: number;
  /** The item has left the queue without being served. */
  readonly gaveWay: (item: T) => void;
}

export class FairQueue<T> {
  readonly #room: FairRoom;
  readonly #items: (T | undefined)[] = [];

  constructor({ max, maxPerClient, gaveWay }: FairQueuePlan<T>) {
    this.#room = new FairRoom({
      max,
      maxPerClient,
      gives: 'newest',
      gaveWay: (place) => this.#takeOut(place, gaveWay),
    });
  }

  get size(): number {
    return this.#room.held;
  }

  /**
   * Puts an item behind those of the same owner; false: the owner has as many as one client may, or more than any
   * other.
   */
  push(owner: Owner, item: T): boolean {
    const place = this.#room.take(owner);
    if (place === undefined) return false;
    this.#items[place] = item;
    return true;
  }

  /** Takes the first item of the client whose turn it is: networks in turn, in them their parts, skipping busy ones. */
  shift(isBusy?: IsBusy): T | undefined {
    const place = this.#room.next(isBusy);
    if (place === undefined) return undefined;
    this.#room.release(place);
    let shifted: T | undefined;
    this.#takeOut(place, (item) => (shifted = item));
    return shifted;
  }

  #takeOut(place: PlaceNumber, give: (item: T) => void): void {
    const item = this.#items[place];
    this.#items[place] = undefined;
    if (item !== undefined) give(item);
  }
}
