// Test vectors of RFC 3962 appendix B, and what comes back for every length.
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { aesCts } from '../../../src/auth/kerberos/ciphertext.ts';

const KEY = Buffer.from('chicken teriyaki');
const TEXT = Buffer.from(
  'I would like the General Gau’s Chicken, please, and wonton soup.'.replace('’', "'"),
);
const [A, B, C, D] = [
  '97687268d6ecccc0c07b25e25ecfe584',
  '39312523a78662d5be7fcbcc98ebf5a8',
  '9dad8bbb96c4cdc03bc103e1a194bbd8',
  '4807efe836ee89a526730dbc2f7bc840',
];
const VECTORS: readonly (readonly [number, string])[] = [
  [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
  [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
  [32, B + A],
  [47, `${A}b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5`],
  [48, A + C + B],
  [64, A + B + D + C],
];

for (const [length, sealed] of VECTORS) {
  test(`AES with ciphertext stealing is that of RFC 3962 for ${length} bytes`, (t) => {
    const text = TEXT.subarray(0, length);
    t.is(Buffer.from(aesCts.encrypt(KEY, text)).toString('hex'), sealed);
    t.deepEqual(Buffer.from(aesCts.decrypt(KEY, Buffer.from(sealed, 'hex'))), text);
  });
}

test('every length from one block on comes back, with keys of both sizes', (t) => {
  for (const size of [16, 32]) {
    const key = randomBytes(size);
    for (let length = 16; length <= 100; length++) {
      const text = randomBytes(length);
      t.deepEqual(Buffer.from(aesCts.decrypt(key, aesCts.encrypt(key, text))), text);
    }
  }
});
