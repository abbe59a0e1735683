// The function n-fold (RFC 3961 section 5.1): a text of any length as `size` bytes. Copies of the text, each turned 13 bits further to the right, are laid
// end to end until they fill a multiple of `size`; the pieces are added as ones-complement numbers.

/** Neither may be empty. */
export function nfold(text: Uint8Array, size: number): Uint8Array {
  const total = leastCommonMultiple(text.length, size);
  const sum = new Uint8Array(size);
  let carry = 0;
  for (let at = total - 1; at >= 0; at--) {
    const place = at % size;
    carry += (sum[place] ?? 0) + byteOfCopies(text, at);
    sum[place] = carry & 0xff;
    carry >>= 8;
  }
  for (let place = size - 1; carry > 0; place = (place + size - 1) % size) {
    carry += sum[place] ?? 0;
    sum[place] = carry & 0xff;
    carry >>= 8;
  }
  return sum;
}

/** The byte at `at` of the copies: copy number k is turned by 13 k bits. */
function byteOfCopies(text: Uint8Array, at: number): number {
  const bits = 8 * text.length;
  const turn = 13 * Math.floor(at / text.length);
  const first = (((8 * (at % text.length) - turn) % bits) + bits) % bits;
  const high = text[first >> 3] ?? 0;
  const low = text[((first >> 3) + 1) % text.length] ?? 0;
  return (((high << 8) | low) >> (8 - (first & 7))) & 0xff;
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b !== 0) [a, b] = [b, a % b];
  return (one / a) * other;
}
