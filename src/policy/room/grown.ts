// Arrays of numbers that grow.

/** `to`, which is longer, with the elements of `from` copied to its front. */
export function grown<T extends Int32Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
