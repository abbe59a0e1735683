// Bytes sent to targets without an answer in the last ten minutes, in a count-min sketch (Cormode and Muthukrishnan,
// 2005). Its size is fixed, and within its time it never forgets, so no number of other targets, clients or
// associations is a way around a limit. The price: keys that share all four cells by accident count together.
import { KeyedHash } from '../room/keyedhash.ts';
import { REPLY_KEY_WORDS, type ReplyKey } from './replykey.ts';

/** Time is counted in slices: bytes are remembered in the slice in which they were sent and in the two after it. */
const SLICE_MS = 5 * 60_000;
export const SLICES = 3;

const ROWS = 4;
const CELL_BITS = 17;
const CELLS = 2 ** CELL_BITS;
/** Bytes that one cell can count in a slice. */
export const MOST_COUNTED = 0xffff_ffff;

/** The slice of a time of a monotonic clock in milliseconds. */
export function sliceAt(nowMs: number): number {
  return Math.floor(nowMs / SLICE_MS);
}

export class ReplyDebts {
  readonly #hashes = [new KeyedHash(REPLY_KEY_WORDS), new KeyedHash(REPLY_KEY_WORDS)] as const;
  /** Bytes by cell, the newest slice first; undefined: none in that slice. */
  #slices: (Uint32Array | undefined)[] = [];
  #newest = -Infinity;
  readonly #cells = new Int32Array(ROWS);

  /** Bytes added for `key` in this slice and the two before, or more; `slice` never falls. */
  of(key: ReplyKey, slice: number): number {
    this.#advance(slice);
    this.#locate(key);
    let least = Infinity;
    for (const cell of this.#cells) {
      let sum = 0;
      for (const bytes of this.#slices) sum += bytes?.[cell] ?? 0;
      least = Math.min(least, sum);
    }
    return least;
  }

  add(key: ReplyKey, bytes: number, slice: number): void {
    this.#advance(slice);
    this.#locate(key);
    const sums = (this.#slices[0] ??= new Uint32Array(ROWS * CELLS));
    for (const cell of this.#cells) sums[cell] = Math.min(MOST_COUNTED, (sums[cell] ?? 0) + bytes);
  }

  #advance(slice: number): void {
    if (slice === this.#newest) return;
    const passed = Math.min(SLICES, slice - this.#newest);
    const fresh = Array.from({ length: passed }, () => undefined);
    this.#slices = [...fresh, ...this.#slices].slice(0, SLICES);
    this.#newest = slice;
  }

  #locate(key: ReplyKey): void {
    const [one, other] = this.#hashes;
    const first = one.of(key);
    // Odd, so that the rows differ (Kirsch and Mitzenmacher, 2006).
    const step = other.of(key) | 1;
    for (let row = 0; row < ROWS; row++) {
      this.#cells[row] = row * CELLS + ((first + Math.imul(row, step)) >>> (32 - CELL_BITS));
    }
  }
}
