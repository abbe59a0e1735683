// A bounded table in which the owner with most entries gives way: of the network or user with most, the entry
// inserted first. So no client can evict entries of others by making many.
import { FairRoom, type PlaceNumber } from './fairroom.ts';
import type { Owner } from './owner.ts';

/** Insertion takes O(log n): a Map alone would look for its first entry among all deleted ones. */
export class FairTable<Value> {
  readonly #room: FairRoom;
  readonly #places = new Map<string, PlaceNumber>();
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

  /** Inserts `value` as the latest entry of all, and of `owner`. */
  put(owner: Owner, key: string, value: Value): void {
    this.delete(key);
    const place = this.#room.take(owner);
    if (place === undefined) return;
    this.#places.set(key, place);
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  /** Returns whether there was an entry. */
  delete(key: string): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#room.release(place);
    this.#forget(place);
    return true;
  }

  /** The present entries, in the order of insertion. */
  entries(): readonly (readonly [key: string, value: Value])[] {
    return [...this.#places].map(([key, place]) => [key, this.#values[place] as Value]);
  }

  #forget(place: PlaceNumber): void {
    this.#places.delete(this.#keys[place] ?? '');
    this.#keys[place] = '';
    this.#values[place] = undefined;
  }
}
