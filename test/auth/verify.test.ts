import test from 'ava';
import { recogniseSecret, type Hash } from '../../src/auth/hashing/hash.ts';
import type { Natives } from '../../src/auth/hashing/natives.ts';
import { verifyPassword } from '../../src/auth/hashing/verify.ts';
import { LIBCRYPT_VECTORS } from '../support/cryptvectors.ts';

function hashOf(text: string): Hash {
  const secret = recogniseSecret(text, 'accept');
  if (secret.kind === 'unusable') throw new Error(`${text} ${secret.reason}`);
  return secret.hash;
}

test('verifyPassword() agrees with libcrypt about passwords of every sort', (t) => {
  for (const [hex, text] of LIBCRYPT_VECTORS) {
    const password = Buffer.from(hex, 'hex');
    t.true(verifyPassword(password, hashOf(text)), `${text} of ${hex}`);
    t.false(verifyPassword(Buffer.concat([Buffer.from('x'), password]), hashOf(text)), `x before ${hex}`);
  }
});

// "geheim:ü" by htpasswd -m, -B, -s, -2, -5 and -d of Apache 2.4, and by openssl passwd -1.
const WRITTEN = [
  '$apr1$dHFN0ghV$vmsgh1tSdlF0IH5MKx7ZE1',
  '$2y$04$c/llNKCm39g9w09rUowAleNzGPNTgUfSC5qR0RQdGfPWYsNqKdMsC',
  '{SHA}H2SP+hW/x1grVsVv1fAIErJOruw=',
  '$5$5Sfrcq/sOOD8h.gC$IM6abR.8HD7js751xjOQ3DJBoe7lLcMfZRMY23.i4k/',
  '$6$Lndf1ucY4aVz/cXT$s3I4be58/GlLju5lUb5QkDj1rZqqFGkmwBRPFON96JWTAUDDH6EUkWiQMqy/RICPlno6b566xI7C3/OasX6p9.',
  '3mhdtYDf40LjY',
  '$1$abcdefgh$Ckx31/o5brQWt2Zk1FTor0',
];

for (const text of WRITTEN) {
  test(`verifyPassword() compares passwords whole with ${text.slice(0, 8)}`, (t) => {
    const hash = hashOf(text);
    t.true(verifyPassword(Buffer.from('geheim:ü'), hash));
    for (const wrong of ['geheim:', 'geheim', '', 'geheim:u', 'Geheim:ü', text]) {
      t.false(verifyPassword(Buffer.from(wrong), hash), wrong);
    }
    for (const cut of ['geheim:ü\0', 'geheim:ü\0x', 'geheim:ü\0geheim:ü']) {
      t.false(verifyPassword(Buffer.from(cut), hash), JSON.stringify(cut));
    }
  });
}

test('verifyPassword() takes a latin1 byte that is no UTF-8 for itself', (t) => {
  const hash = hashOf('$base64$' + Buffer.from([0xe4, 0, 0xff]).toString('base64'));
  t.true(verifyPassword(Uint8Array.of(0xe4, 0, 0xff), hash));
  t.false(verifyPassword(Uint8Array.of(0xe4, 0, 0xfe), hash));
  t.false(verifyPassword(Uint8Array.of(0xe4), hash));
});

test('verifyPassword() compares a plaintext entry byte by byte', (t) => {
  const hash: Hash = { kind: 'plain', text: 'p\xc3\xa4ss' };
  t.true(verifyPassword(Buffer.from('päss'), hash));
  t.false(verifyPassword(Buffer.from('päss', 'latin1'), hash));
  t.false(verifyPassword(Buffer.from('päs'), hash));
});

test('verifyPassword() gives 2a, 2b and 2y the same meaning up to 255 bytes', (t) => {
  const [, text = ''] =
    LIBCRYPT_VECTORS.find(([hex, hash]) => hex.length === 510 && hash.startsWith('$2b$')) ?? [];
  const password = Buffer.from(LIBCRYPT_VECTORS.find(([, hash]) => hash === text)?.[0] ?? '', 'hex');
  for (const mark of ['$2a$', '$2b$', '$2y$'])
    t.true(verifyPassword(password, hashOf(mark + text.slice(4))), mark);
});

test('verifyPassword() throws where yescrypt cannot be computed, and takes NUL for a wrong password', (t) => {
  const hash: Hash = { kind: 'yescrypt', text: '$y$j9T$saltsalt$' + 'a'.repeat(43) };
  const compareBcrypt = () => true;
  const verify = (password: string, crypt: Natives['crypt']) =>
    verifyPassword(Buffer.from(password), hash, { compareBcrypt, crypt });
  t.throws(() => verify('secret', undefined), { message: /native addon/ });
  t.throws(() => verify('secret', () => null), { message: /libcrypt/ });
  t.false(verify('sec\0ret', () => null));
  t.true(verify('secret', () => hash.text));
});
