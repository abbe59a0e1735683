// Key derivation: vectors of RFC 8009 appendix A; those of the SHA-1 types are proven by the tokens of MIT (wrap.test.ts).
import test from 'ava';
import { enctypeOf, type KeyPurpose } from '../../../src/auth/kerberos/enctypes.ts';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');

const DERIVED: readonly (readonly [number, string, KeyPurpose, string])[] = [
  [19, '3705d96080c17728a0e800eab6e0d23c', 'checksum', 'b31a018a48f54776f403e9a396325dc3'],
  [19, '3705d96080c17728a0e800eab6e0d23c', 'encryption', '9b197dd1e8c5609d6e67c3e37c62c72e'],
  [19, '3705d96080c17728a0e800eab6e0d23c', 'integrity', '9fda0e56ab2d85e1569a688696c26a6c'],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    'checksum',
    'ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d',
  ],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    'encryption',
    '56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49',
  ],
  [
    20,
    '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
    'integrity',
    '69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f',
  ],
];

for (const [type, base, purpose, derived] of DERIVED) {
  test(`type ${type} derives the key for ${purpose} of RFC 8009`, (t) => {
    t.is(hex(enctypeOf(type)?.derive(bytes(base), 2, purpose)), derived);
  });
}

test('an empty message is sealed as in RFC 8009', (t) => {
  const type = enctypeOf(19)!;
  const confounder = bytes('7e5895eaf2672435bad817f545a37148');
  const sealed = type.encrypt(bytes('9b197dd1e8c5609d6e67c3e37c62c72e'), confounder);
  t.is(hex(sealed), 'ef85fb890bb8472f4dab20394dca781d');
  const mac = type.hmac(bytes('9fda0e56ab2d85e1569a688696c26a6c'), [new Uint8Array(16), sealed]);
  t.is(hex(mac.subarray(0, 16)), 'ad877eda39d50c870c0d5a0a8e48c718');
});

test('RC4, DES and what does not exist protect nothing', (t) => {
  t.deepEqual([0, 1, 3, 16, 21, 23, 24].map(enctypeOf), Array(7).fill(undefined));
});
