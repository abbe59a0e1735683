// Lines with more than two fields: what is the group, the secret, a comment. A comment is never the secret.
import test from 'ava';
import fc from 'fast-check';
import { parseUserFile, splitRest } from '../../src/auth/files/htpasswd.ts';

const APR1 = '$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/';
const BCRYPT = '$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC';
const DES = 'rqXexS6ZhobKA';

/** Each kind of hash, and what was meant as one. */
const HASHES = [
  APR1,
  BCRYPT,
  '$1$abcdefgh$Ckx31/o5brQWt2Zk1FTor0',
  '$5$5Sfrcq/sOOD8h.gC$IM6abR.8HD7js751xjOQ3DJBoe7lLcMfZRMY23.i4k/',
  `$6$saltsalt$${'a'.repeat(86)}`,
  `$y$j9T$saltsalt$${'a'.repeat(43)}`,
  '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
  '$base64$c2VjcmV0',
  '$2y$10$damaged',
  '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
  '{SSHA}abcdefgh',
  '_J9..CCCCXBrJUJV154M',
  `!${BCRYPT}`,
  '*$6$locked',
];

for (const hash of HASHES) {
  for (const comment of ['the comment', '', 'a:b', APR1, 'staff:secret']) {
    test(`splitRest() takes ${hash.slice(0, 12)} for the secret before the comment "${comment.slice(0, 12)}"`, (t) => {
      for (const format of ['auto', 'htpasswd', 'password'] as const) {
        const fields = splitRest(`${hash}:${comment}`, format);
        t.deepEqual(fields, { kind: 'htpasswd', group: undefined, secret: hash, comment }, format);
      }
      const { entries, problems } = parseUserFile(`joe:${hash}:${comment}\n`, 'auto', 'accept');
      t.is(problems.length, 0);
      t.not(entries[0]?.secret.kind === 'hash' && entries[0].secret.hash.kind, 'plain');
    });
  }
}

type Row = readonly [rest: string, group: string | undefined, secret: string, comment: string | undefined];

/** In format auto. */
const ROWS: readonly Row[] = [
  [APR1, undefined, APR1, undefined],
  ['secret', undefined, 'secret', undefined],
  ['', undefined, '', undefined],
  [`staff:${APR1}`, 'staff', APR1, undefined],
  [`:${APR1}`, '', APR1, undefined],
  [`staff:${APR1}:the comment`, 'staff', APR1, 'the comment'],
  [`staff:!${BCRYPT}:left in May`, 'staff', `!${BCRYPT}`, 'left in May'],
  [`staff:${DES}:c`, 'staff', DES, 'c'],
  // DES: 13 characters, the last of which can be one of 16.
  [`${DES}:the comment`, undefined, DES, 'the comment'],
  [`${DES}:${APR1}`, DES, APR1, undefined],
  [`administrator:${APR1}`, 'administrator', APR1, undefined],
  [`administrator:${DES}`, 'administrator', DES, undefined],
  ['administrator:secret', 'administrator', 'secret', undefined],
  // Nothing but a lock.
  ['!:left in May', undefined, '!', 'left in May'],
  ['*:x:y', undefined, '*', 'x:y'],
  [`*:${APR1}`, '*', APR1, undefined],
  // Passwords in plain text: three fields have a group, and the password may have colons.
  ['staff:secret', 'staff', 'secret', undefined],
  ['staff:se:cr:et', 'staff', 'se:cr:et', undefined],
  ['{staff}:secret', '{staff}', 'secret', undefined],
  ['$money:secret', '$money', 'secret', undefined],
];

for (const [rest, group, secret, comment] of ROWS) {
  test(`splitRest() reads "${rest}" in format auto`, (t) => {
    const read = splitRest(rest, 'auto');
    t.deepEqual([read.group, read.secret, read.comment], [group, secret, comment]);
  });
}

test('splitRest() ends a plain password at a colon in format htpasswd, as Apache does', (t) => {
  t.like(splitRest('a:b:c', 'htpasswd'), { group: undefined, secret: 'a', comment: 'b:c' });
});

test('splitRest() loses no byte', (t) => {
  const field = fc.oneof(
    fc.constantFrom(...HASHES, DES, '', '!', '*', 'administrator'),
    fc.string({ unit: 'binary-ascii' }),
  );
  fc.assert(
    fc.property(
      fc.array(field, { maxLength: 4 }),
      fc.constantFrom('auto' as const, 'htpasswd' as const, 'password' as const),
      (fields, format) => {
        const rest = fields.join(':');
        const { group, secret, comment } = splitRest(rest, format);
        return [group, secret, comment].filter((part) => part !== undefined).join(':') === rest;
      },
    ),
  );
  t.pass();
});

test('parseUserFile() says how it read a field that may be a hash of DES or a group', (t) => {
  const { problems } = parseUserFile(`joe:${DES}:the comment\n`, 'auto', 'refuse');
  t.regex(
    problems[0]?.text ?? '',
    /read as a hash .* as a comment; if it is a group, name the file as password:FILE/,
  );
});
