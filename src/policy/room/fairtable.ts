// A table with a bound in which whoever has most entries gives way: of the network or user with most, the one that was put in longest
// ago. So nobody can have entries of others forgotten by making many of his own.
import { FairRoom, type Place } from './fairroom.ts';
import type { Owner } from './owner.ts';

/** Putting in takes O(log n): a Map alone would look for its first entry among all that were deleted. */
export class FairTable<Value> {
  readonly #room: FairRoom;
  readonly #places = new Map<string, Place>();
  readonly #keys: string[] = [];
  readonly #values: (Value | undefined)[] = [];

  constructor(max: number) {
    this.#room = new FairRoom({ max, gives: 'oldest', gaveWay: (place) => this.#forget(place) });
  }

  get size(): number {
    return this.#places.size;
  }

  get(key: string): Value | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  /** Puts `value` in as the latest entry of all, and of `owner`. */
  put(owner: Owner, key: string, value: Value): void {
    this.delete(key);
    const place = this.#room.take(owner);
    if (place === undefined) return;
    this.#places.set(key, place);
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  /** Whether it was there. */
  delete(key: string): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#room.release(place);
    this.#forget(place);
    return true;
  }

  /** As they are now, the one first that was put in longest ago. */
  entries(): readonly (readonly [key: string, value: Value])[] {
    return [...this.#places].map(([key, place]) => [key, this.#values[place] as Value]);
  }

  #forget(place: Place): void {
    this.#places.delete(this.#keys[place] ?? '');
    this.#keys[place] = '';
    this.#values[place] = undefined;
  }
}
