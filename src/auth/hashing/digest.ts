// A digest in one call. crypto.hash() costs a third of an object of createHash(), but came with Node.js 20.12.
import * as crypto from 'node:crypto';

interface OneShot {
  readonly hash: (algorithm: string, bytes: Uint8Array, output: 'buffer' | 'base64') => Buffer | string;
}

/** The digest of `bytes`, as a Buffer or as text. */
export function digest(algorithm: string, bytes: Uint8Array, output: 'buffer'): Buffer;
export function digest(algorithm: string, bytes: Uint8Array, output: 'base64'): string;
export function digest(algorithm: string, bytes: Uint8Array, output: 'buffer' | 'base64'): Buffer | string {
  // Read at each call: crypto is loaded on first use, and an idle daemon does not need it.
  const { hash } = crypto as Partial<OneShot>;
  if (hash !== undefined) return hash(algorithm, bytes, output);
  const slow = crypto.createHash(algorithm).update(bytes);
  return output === 'buffer' ? slow.digest() : slow.digest(output);
}
