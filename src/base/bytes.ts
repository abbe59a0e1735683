// Byte strings: the few conversions that every codec and log line needs.

/**
 * `size` bytes of any content, for messages and addresses, which are filled at once and live briefly. Node keeps every
 * Uint8Array of its own outside the heap, at a malloc(3) each; these share one allocation.
 */
export function newBytes(size: number): Uint8Array {
  return Buffer.allocUnsafe(size);
}

/** Joins `head` and `tail` into one new array; returns the other unchanged when one is empty. */
export function concatBytes(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  if (tail.length === 0) return head;
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head, 0);
  joined.set(tail, head.length);
  return joined;
}

/** Each byte as one character U+0000 to U+00FF: a string that compares and hashes exactly like the bytes. */
export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Client bytes for people: UTF-8 where it is valid, else one character per byte. Escape before logging. */
export function displayText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.includes('\uFFFD') ? byteString(bytes) : text;
}

/** Replaces a secret in text for people. */
export const CUT = '***';

/**
 * A user name for people. Some clients send `name:password` as the name, so everything after the first colon, even nothing, is
 * replaced by CUT.
 */
export function cutName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : `${name.slice(0, colon + 1)}${CUT}`;
}
