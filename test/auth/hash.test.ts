import test from 'ava';
import fc from 'fast-check';
import { recogniseSecret } from '../../src/auth/hashing/hash.ts';

const SUM53 = 'abcdefghijklmnopqrstuuBwCQ5BzzXiAbcdefghijklmnopqrstu';
const RECOGNISED = [
  [`$2y$10$${SUM53}`, 'bcrypt'],
  [`$2a$04$${SUM53}`, 'bcrypt'],
  [`$2b$15$${SUM53}`, 'bcrypt'],
  ['$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', 'apr1'],
  ['$1$$qjXMvbEw8oaL.CzflDtaK/', 'md5'],
  [`$5$salt$${'a'.repeat(43)}`, 'sha256'],
  [`$6$rounds=1000000$salt$${'a'.repeat(86)}`, 'sha512'],
  ['{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'sha1'],
  ['$base64$c2VjcmV0', 'base64'],
  ['$base64$c2VjcmV0MQ==', 'base64'],
  ['rqXexS6ZhobKA', 'des'],
] as const;

for (const [text, kind] of RECOGNISED) {
  test(`recogniseSecret() takes ${text.slice(0, 24)} for ${kind}`, (t) => {
    t.deepEqual(recogniseSecret(text, 'refuse'), { kind: 'hash', hash: { kind, text } });
  });

  test(`recogniseSecret() takes nothing before or behind ${text.slice(0, 24)}`, (t) => {
    for (const damaged of [
      `${text}\0junk`,
      `${text} `,
      `${text}\n`,
      ` ${text}`,
      text.slice(0, -1),
      `${text}:x`,
    ]) {
      t.is(recogniseSecret(damaged, 'refuse').kind, 'unusable', JSON.stringify(damaged));
    }
  });
}

const UNUSABLE = [
  ['', /no password/],
  ['!', /locked/],
  ['*', /locked/],
  ['!$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', /locked/],
  ['$y$j9T$salt$hash', /malformed/],
  [`$y$jET$F5Jx5fExrKuPp53xLKQ..1$${'a'.repeat(43)}`, /work factor 16, more than 15/],
  [`$2x$10$${SUM53}`, /unsupported kind \(bcrypt of the faulty/],
  ['$argon2id$v=19$m=1$x$y', /unsupported kind \(Argon2\)/],
  ['$pbkdf2$x', /unsupported kind \(unknown\)/],
  ['{SSHA}abcdef', /unsupported kind/],
  ['_J9..rasmBYk8r9AiWNc', /unsupported kind/],
  ['$2y$10$short', /malformed/],
  [`$2y$03$${SUM53}`, /malformed/],
  [`$5$rounds=999$salt$${'a'.repeat(43)}`, /malformed/],
  ['{SHA}x', /malformed/],
  [`$2y$16$${SUM53}`, /work factor 16/],
  [`$2y$31$${SUM53}`, /work factor 31/],
  [`$6$rounds=1000001$salt$${'a'.repeat(86)}`, /work factor 1000001/],
] as const;

for (const [text, reason] of UNUSABLE) {
  for (const plaintext of ['accept', 'refuse'] as const) {
    test(`recogniseSecret() lets nobody in with "${text.slice(0, 30)}" (plaintext: ${plaintext})`, (t) => {
      const secret = recogniseSecret(text, plaintext);
      t.is(secret.kind, 'unusable');
      if (secret.kind === 'unusable') t.regex(secret.reason, reason);
    });
  }
}

test('recogniseSecret() takes a plaintext password only where that is allowed', (t) => {
  t.deepEqual(recogniseSecret('letmein', 'accept'), {
    kind: 'hash',
    hash: { kind: 'plain', text: 'letmein' },
  });
  t.is(recogniseSecret('letmein', 'refuse').kind, 'unusable');
});

test('recogniseSecret() never takes a text that bears the mark of a hash for plaintext', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('$', '{', '!', '*'), fc.string({ unit: 'binary-ascii' }), (first, rest) => {
      const text = first === '{' ? `{ID}${rest}` : first === '$' ? `$id$${rest}` : first + rest;
      const secret = recogniseSecret(text, 'accept');
      return secret.kind === 'unusable' || secret.hash.kind !== 'plain';
    }),
  );
  t.pass();
});
