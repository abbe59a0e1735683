// Pairs of client and target with recent answers, and such targets: the bytes that each has still to make up for.
// Exact, in arrays of numbers; the client with most accounts loses the oldest, and with it no more than the credit
// that answers gave.
import { FairRoom, type PlaceNumber } from '../room/fairroom.ts';
import { grown } from '../room/grown.ts';
import { NONE } from '../room/holder.ts';
import type { Owner } from '../room/owner.ts';
import { PlaceIndex } from '../room/placeindex.ts';
import { SLICES } from './replydebts.ts';
import { REPLY_KEY_WORDS, type ReplyKey } from './replykey.ts';

/** Called with an account that is given up, and its bytes not made up for. */
type OnForgotten = (key: ReplyKey, owed: number) => void;

export class ReplyAccounts {
  readonly #room: FairRoom;
  readonly #onForgotten: OnForgotten;
  readonly #index = new PlaceIndex(REPLY_KEY_WORDS);
  /** By slice: bytes sent, less bytes that answers made up for. */
  #owed = new Float64Array(this.#index.length * SLICES);
  /** The slice of the latest count, and that of the last answer. */
  #counted = new Int32Array(this.#index.length);
  #answered = new Int32Array(this.#index.length);
  /** The slice of the last search for dead accounts. */
  #purged = -1;

  constructor(max: number, onForgotten: OnForgotten) {
    this.#onForgotten = onForgotten;
    this.#room = new FairRoom({ max, gives: 'oldest', gaveWay: (place) => this.#forget(place) });
  }

  /** The account of `key` with an answer in this slice or the two before. `hint`: where it was found last. */
  find(key: ReplyKey, slice: number, hint: PlaceNumber = NONE): PlaceNumber | undefined {
    const place = this.#index.isAt(hint, key) ? hint : this.#index.find(key);
    if (place === NONE) return undefined;
    if (this.#isAlive(place, slice)) return place;
    this.#close(place);
    return undefined;
  }

  /** A new account of `owner` with a debt of `owed` bytes; undefined: there is no room at all. */
  open(owner: Owner, key: ReplyKey, owed: number, slice: number): PlaceNumber | undefined {
    this.#purge(slice);
    const place = this.#room.take(owner);
    if (place === undefined) return undefined;
    this.#index.put(place, key);
    this.#growTo(this.#index.length);
    this.#owed.fill(0, place * SLICES, (place + 1) * SLICES);
    this.#owed[place * SLICES + (slice % SLICES)] = owed;
    this.#counted[place] = slice;
    this.#answered[place] = slice;
    return place;
  }

  /** Bytes sent in this slice and the two before, less what answers in them made up for. */
  owed(place: PlaceNumber, slice: number): number {
    this.#roll(place, slice);
    return this.#sumOf(place);
  }

  /** Adds `bytes`. */
  owe(place: PlaceNumber, bytes: number, slice: number): void {
    this.#roll(place, slice);
    const at = place * SLICES + (slice % SLICES);
    this.#owed[at] = (this.#owed[at] ?? 0) + bytes;
  }

  /** Takes an answer that makes up for `bytes`; returns the slice of the answer before it. */
  answer(place: PlaceNumber, bytes: number, slice: number): number {
    this.owe(place, -bytes, slice);
    const before = this.#answered[place] ?? 0;
    this.#answered[place] = slice;
    return before;
  }

  /** Drops the counts of expired slices. */
  #roll(place: PlaceNumber, slice: number): void {
    const counted = this.#counted[place] ?? 0;
    if (counted === slice) return;
    for (let each = Math.max(counted + 1, slice - SLICES + 1); each <= slice; each++) {
      this.#owed[place * SLICES + (each % SLICES)] = 0;
    }
    this.#counted[place] = slice;
    this.#room.touch(place);
  }

  #sumOf(place: PlaceNumber): number {
    let sum = 0;
    for (let at = 0; at < SLICES; at++) sum += this.#owed[place * SLICES + at] ?? 0;
    return sum;
  }

  #isAlive(place: PlaceNumber, slice: number): boolean {
    return (this.#answered[place] ?? 0) > slice - SLICES;
  }

  /** Runs once in a slice: accounts without an answer must not keep others out. */
  #purge(slice: number): void {
    if (slice === this.#purged) return;
    this.#purged = slice;
    for (let place = 0; place < this.#index.length; place++) {
      if (this.#index.has(place) && !this.#isAlive(place, slice)) this.#close(place);
    }
  }

  #close(place: PlaceNumber): void {
    this.#room.release(place);
    this.#forget(place);
  }

  #forget(place: PlaceNumber): void {
    const key = this.#index.keys.slice(place * REPLY_KEY_WORDS, (place + 1) * REPLY_KEY_WORDS);
    this.#index.remove(place);
    const owed = this.#sumOf(place);
    if (owed > 0) this.#onForgotten(key, owed);
  }

  #growTo(length: number): void {
    if (length === this.#counted.length) return;
    this.#owed = grown(this.#owed, new Float64Array(length * SLICES));
    this.#counted = grown(this.#counted, new Int32Array(length));
    this.#answered = grown(this.#answered, new Int32Array(length));
  }
}
