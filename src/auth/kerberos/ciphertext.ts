// AES with ciphertext stealing as Kerberos has it (RFC 3962 section 5): CBC from an initial vector of zeros, the last two blocks always
// exchanged, and as many bytes out as in.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '../../base/bytes.ts';

const BLOCK = 16;
const ZEROS = new Uint8Array(BLOCK);

export const aesCts = { encrypt, decrypt };

/** One block encrypted. */
export function aesCbcOfBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return cbc(key, block);
}

/** At least one block. */
function encrypt(key: Uint8Array, text: Uint8Array): Uint8Array {
  if (text.length === BLOCK) return cbc(key, text);
  const last = lastBlockBytes(text.length);
  const padded = concatBytes(text, new Uint8Array(BLOCK - last));
  const sealed = cbc(key, padded);
  const cut = sealed.length - 2 * BLOCK;
  return joined([sealed.subarray(0, cut), sealed.subarray(cut + BLOCK), sealed.subarray(cut, cut + last)]);
}

/** At least one block. */
function decrypt(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (ciphertext.length === BLOCK) return decipher(key, ZEROS, ciphertext);
  const last = lastBlockBytes(ciphertext.length);
  const cut = ciphertext.length - last - BLOCK;
  const before = ciphertext.subarray(0, cut);
  const stolen = decipher(key, ZEROS, ciphertext.subarray(cut, cut + BLOCK));
  const tail = ciphertext.subarray(cut + BLOCK);
  const nextToLast = joined([tail, stolen.subarray(last)]);
  const vector = cut === 0 ? ZEROS : before.subarray(cut - BLOCK);
  const front = cut === 0 ? before : decipher(key, ZEROS, before);
  const end = stolen.subarray(0, last).map((byte, at) => byte ^ (tail[at] ?? 0));
  return joined([front, decipher(key, vector, nextToLast), end]);
}

/** 1 to 16. */
function lastBlockBytes(length: number): number {
  return ((length - 1) % BLOCK) + 1;
}

function cbc(key: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv(nameOf(key), key, ZEROS).setAutoPadding(false);
  return cipher.update(text);
}

function decipher(key: Uint8Array, vector: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const cipher = createDecipheriv(nameOf(key), key, vector).setAutoPadding(false);
  return cipher.update(ciphertext);
}

function nameOf(key: Uint8Array): string {
  return `aes-${8 * key.length}-cbc`;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
