// A hash of addresses under a secret of this process, so that no client can choose addresses that collide: NH of UMAC
// (RFC 4418 section 5.2). Any two different keys collide under one secret in 65,536.
import { randomBytes } from 'node:crypto';

export class KeyedHash {
  /** Two halves for each word. */
  readonly #secret: Uint16Array;

  constructor(words: number) {
    this.#secret = Uint16Array.from({ length: 2 * words }, () => randomBytes(2).readUInt16LE());
  }

  /** 32 bits, signed, for the words from `start` on. */
  of(words: Int32Array, start = 0): number {
    const secret = this.#secret;
    let sum = 0;
    for (let half = 0, at = start; half < secret.length; half += 2, at++) {
      const word = words[at] ?? 0;
      const low = (word + (secret[half] ?? 0)) & 0xffff;
      const high = ((word >>> 16) + (secret[half + 1] ?? 0)) & 0xffff;
      sum = (sum + Math.imul(low, high)) | 0;
    }
    return spread(sum);
  }
}

/** Makes each bit depend on all: the last step of MurmurHash3, which is a bijection. */
function spread(sum: number): number {
  let mixed = Math.imul(sum ^ (sum >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
