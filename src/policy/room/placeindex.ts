// Places found by a key of some words, in arrays that grow by doubling: a map in a fifth of its memory. Places with
// equal hashes form a chain in both directions, so that many equal keys cost no more to remove than one.
import { grown } from './grown.ts';
import { NONE } from './holder.ts';
import { KeyedHash } from './keyedhash.ts';
import type { PlaceNumber } from './placelists.ts';

/** Marks a place that is in no chain. */
const ABSENT = -2;

export class PlaceIndex {
  readonly #words: number;
  readonly #hash: KeyedHash;
  #keys: Int32Array;
  #next = new Int32Array(16).fill(ABSENT);
  #previous = new Int32Array(16);
  #buckets = new Int32Array(16).fill(NONE);

  /** The number of words of a key. */
  constructor(words: number) {
    this.#words = words;
    this.#hash = new KeyedHash(words);
    this.#keys = new Int32Array(16 * words);
  }

  /** The capacity in places, also of an array kept beside this one. */
  get length(): number {
    return this.#next.length;
  }

  /** The keys by place, read-only, valid until the next put(). */
  get keys(): Int32Array {
    return this.#keys;
  }

  /** The latest place with this key; NONE: there is none. */
  find(key: Int32Array): PlaceNumber {
    let place = this.#buckets[this.#bucketOf(key, 0)] ?? NONE;
    while (place !== NONE && !this.#isKey(place, key)) place = this.#next[place] ?? NONE;
    return place;
  }

  isAt(place: PlaceNumber, key: Int32Array): boolean {
    return this.has(place) && this.#isKey(place, key);
  }

  has(place: PlaceNumber): boolean {
    return (this.#next[place] ?? ABSENT) !== ABSENT;
  }

  put(place: PlaceNumber, key: Int32Array): void {
    while (place >= this.#next.length) this.#double();
    this.#keys.set(key, place * this.#words);
    this.#link(place);
  }

  remove(place: PlaceNumber): void {
    const next = this.#next[place] ?? NONE;
    const previous = this.#previous[place] ?? NONE;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#buckets[this.#bucketOf(this.#keys, place * this.#words)] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#next[place] = ABSENT;
  }

  #isKey(place: PlaceNumber, key: Int32Array): boolean {
    const start = place * this.#words;
    for (let word = 0; word < this.#words; word++) {
      if (this.#keys[start + word] !== key[word]) return false;
    }
    return true;
  }

  #bucketOf(words: Int32Array, start: number): number {
    return this.#hash.of(words, start) & (this.#buckets.length - 1);
  }

  #link(place: PlaceNumber): void {
    const bucket = this.#bucketOf(this.#keys, place * this.#words);
    const first = this.#buckets[bucket] ?? NONE;
    this.#next[place] = first;
    this.#previous[place] = NONE;
    if (first !== NONE) this.#previous[first] = place;
    this.#buckets[bucket] = place;
  }

  #double(): void {
    const length = 2 * this.#next.length;
    this.#keys = grown(this.#keys, new Int32Array(length * this.#words));
    this.#next = grown(this.#next, new Int32Array(length).fill(ABSENT));
    this.#previous = new Int32Array(length);
    this.#buckets = new Int32Array(length).fill(NONE);
    for (let place = 0; place < length; place++) if (this.has(place)) this.#link(place);
  }
}
