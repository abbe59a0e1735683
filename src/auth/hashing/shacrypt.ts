// SHA-crypt, `$5$` and `$6$`, after Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" (2008), whose step numbers
// stand below. Written here because the package unixcrypt 3.0.4 is wrong where the length of a password is a multiple
// of the digest's (32 bytes with $5$, 64 with $6$), and because it takes no bytes.
import { digest as digestOf } from './digest.ts';
import { SHA_ROUNDS } from './hash.ts';

const ALGORITHMS = {
  '5': { name: 'sha256', size: 32, groups: 10, turn: 'right' },
  '6': { name: 'sha512', size: 64, groups: 21, turn: 'left' },
} as const;
type Algorithm = (typeof ALGORITHMS)['5' | '6'];

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The hash of any bytes. `setting` is a whole hash, or a hash without its last field: `$6$rounds=5000$salt`. */
export function shaCrypt(password: Uint8Array, setting: string): string {
  const match = /^(\$([56])\$(?:rounds=(\d+)\$)?([^$]*))/.exec(setting);
  if (match === null) throw new TypeError('not a setting of SHA-crypt');
  const [, head, id, rounds, saltText] = match;
  const algorithm = ALGORITHMS[id as '5' | '6'];
  const salt = Buffer.from(saltText ?? '', 'latin1');
  const first = firstDigest(algorithm, password, salt);
  const sum = stretch(algorithm, first, password, salt, Number(rounds ?? SHA_ROUNDS.default));
  return `${head ?? ''}$${encode(algorithm, sum)}`;
}

/** Steps 1 to 12. */
function firstDigest(algorithm: Algorithm, password: Uint8Array, salt: Uint8Array): Buffer {
  const alternate = digestParts(algorithm, [password, salt, password]);
  const parts = [password, salt, cycle(alternate, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : password);
  return digestParts(algorithm, parts);
}

/** Steps 13 to 21. */
function stretch(
  algorithm: Algorithm,
  first: Buffer,
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
): Buffer {
  const repeated = (part: Uint8Array, times: number) =>
    digestParts(algorithm, Array<Uint8Array>(times).fill(part));
  const p = cycle(repeated(password, password.length), password.length);
  const s = cycle(repeated(salt, 16 + (first[0] ?? 0)), salt.length);
  let sum = first;
  for (let round = 0; round < rounds; round++) {
    const parts: Uint8Array[] = [round % 2 === 1 ? p : sum];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(round % 2 === 1 ? sum : p);
    sum = digestParts(algorithm, parts);
  }
  return sum;
}

function digestParts(algorithm: Algorithm, parts: readonly Uint8Array[]): Buffer {
  return digestOf(algorithm.name, Buffer.concat(parts), 'buffer');
}

/** `length` bytes of `source`, over and over. */
function cycle(source: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, source);
}

/** Step 22: groups of three bytes that are a third of the digest apart, the order turning from group to group. */
function encode({ size, groups, turn }: Algorithm, sum: Buffer): string {
  const third = (size - (size % 3)) / 3;
  let order: [number, number, number] = [0, third, 2 * third];
  let text = '';
  for (let group = 0; group < groups; group++) {
    text += encodeGroup(
      order.map((at) => sum[at] ?? 0),
      4,
    );
    const [a, b, c] = order;
    order = turn === 'right' ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return (
    text +
    (size === 32 ? encodeGroup([0, sum[31] ?? 0, sum[30] ?? 0], 3) : encodeGroup([0, 0, sum[63] ?? 0], 2))
  );
}

/** Bytes, highest first, as `count` characters of 6 bits, lowest first. */
function encodeGroup(bytes: readonly number[], count: number): string {
  let value = bytes.reduce((high, low) => (high << 8) | low, 0);
  let text = '';
  for (let at = 0; at < count; at++, value >>= 6) text += ALPHABET.charAt(value & 63);
  return text;
}
