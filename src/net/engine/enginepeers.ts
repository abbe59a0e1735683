// Recent senders of datagrams. A peer rarely sends only one, and formatting its address costs more than all other
// work for a datagram.
import type { Endpoint } from '../../base/ip.ts';

const SIZE = 256;

/** Words of a record that identify a peer: family, port, and four of the address. */
const KEY_WORDS = 6;

export class RecentPeers {
  readonly #keys = new Int32Array(SIZE * KEY_WORDS);
  readonly #peers = new Array<Endpoint | undefined>(SIZE).fill(undefined);

  /** The endpoint of the words from `start`, made by `make` if it is not a recent one. */
  find(words: Int32Array, start: number, make: () => Endpoint): Endpoint {
    const place = placeInWords(words, start);
    const known = this.#peers[place];
    if (known !== undefined && this.#isAt(place, words, start)) return known;
    const peer = make();
    this.#peers[place] = peer;
    this.#keys.set(words.subarray(start, start + KEY_WORDS), place * KEY_WORDS);
    return peer;
  }

  #isAt(place: number, words: Int32Array, start: number): boolean {
    const key = place * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#keys[key + word] !== words[start + word]) return false;
    }
    return true;
  }
}

function placeInWords(words: Int32Array, start: number): number {
  let mixed = 0;
  for (let word = 1; word < KEY_WORDS; word++) {
    mixed = Math.imul(mixed ^ (words[start + word] ?? 0), 0x9e37_79b1);
  }
  return (mixed >>> 20) & (SIZE - 1);
}
