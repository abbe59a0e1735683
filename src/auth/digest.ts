// A digest in one call. crypto.hash() costs a third of an object of createHash(), but came with Node.js 20.12.
import * as crypto from 'node:crypto';

/** Of `bytes`, as a Buffer or as text. */
export const digest = (crypto as Partial<OneShot>).hash ?? digestByObject;

interface OneShot {
  readonly hash: typeof digestByObject;
}

function digestByObject(algorithm: string, bytes: Uint8Array, output: 'buffer'): Buffer;
function digestByObject(algorithm: string, bytes: Uint8Array, output: 'base64'): string;
function digestByObject(algorithm: string, bytes: Uint8Array, output: 'buffer' | 'base64'): Buffer | string {
  const hash = crypto.createHash(algorithm).update(bytes);
  return output === 'buffer' ? hash.digest() : hash.digest(output);
}
