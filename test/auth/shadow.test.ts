import test from 'ava';
import fc from 'fast-check';
import { parseShadow } from '../../src/auth/files/shadow.ts';
import type { HashKind } from '../../src/auth/hashing/hash.ts';

const SHA512 =
  '$6$saltstring$AIsRs/Ee56G/tC8MEHhvReZTfx8u3rXXMl6eYrjCG9ibix19DxoMBLogdTET5Ukw9Sf7eZTITsuk0Ry5qulYz.';
const YESCRYPT = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0';
const DAY_MS = 86_400_000;

/** The second field of a line, and what it is taken for; undefined: the account is no user. */
const HASHES: readonly (readonly [field: string, kind: HashKind | undefined])[] = [
  [SHA512, 'sha512'],
  [YESCRYPT, 'yescrypt'],
  ['$1$saltsalt$9xy1btjgzLYfb7hivXtC//', 'md5'],
  ['$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.', 'sha256'],
  ['$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW', 'bcrypt'],
  ['abNANd1rDfiNc', 'des'],
  [`!${SHA512}`, undefined],
  [`*${SHA512}`, undefined],
  ['', undefined],
  ['!', undefined],
  ['!*', undefined],
  ['*', undefined],
  ['x', undefined],
  ['NP', undefined],
  ['*LK*', undefined],
  ['{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', undefined],
];

for (const [field, kind] of HASHES) {
  test(`parseShadow() takes "${field}" for ${kind ?? 'no password'}`, (t) => {
    const [entry, ...more] = parseShadow(`alice:${field}:19000:0:99999:7:::\n`);
    t.deepEqual(more, []);
    t.is(entry?.secret.kind === 'hash' ? entry.secret.hash.kind : entry?.secret.kind, kind);
  });
}

for (const field of ['$base64$c2VjcmV0', '$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', '$7$abc$def']) {
  test(`parseShadow() lets nobody in with "${field}", which crypt(3) would not`, (t) => {
    t.is(parseShadow(`alice:${field}:19000:0:99999:7:::\n`)[0]?.secret.kind, 'unusable');
  });
}

test('parseShadow() leaves root out, and numbers the lines of the others', (t) => {
  const entries = parseShadow(
    `root:${SHA512}:::::::\ndaemon:*:::::::\n\nalice:${SHA512}:::::::\nbob:${YESCRYPT}\n`,
  );
  t.deepEqual(
    entries.map(({ line, user, format }) => [line, user, format]),
    [
      [4, 'alice', 'shadow'],
      [5, 'bob', 'shadow'],
    ],
  );
});

/** Changed, max and expires, in days, and the day from which on nobody may log in. */
const AGES: readonly (readonly [changed: string, max: string, expires: string, end: number | undefined])[] = [
  ['', '', '', undefined],
  ['19000', '', '', undefined],
  ['19000', '-1', '-1', undefined],
  ['', '90', '', undefined],
  ['19000', '90', '', 19091],
  ['19000', '0', '', 19001],
  ['19000', '', '20000', 20000],
  ['19000', '90', '19050', 19050],
  ['19000', '90', '20000', 19091],
  ['0', '', '', 0],
  ['0', '99999', '20000', 0],
  ['19000', '', '0', 0],
];

for (const [changed, max, expires, end] of AGES) {
  const when = end === undefined ? 'never' : `on day ${end}`;
  test(`parseShadow() ends an account ${when}: changed "${changed}", max "${max}", expires "${expires}"`, (t) => {
    const [entry] = parseShadow(`alice:${SHA512}:${changed}:0:${max}:7:14:${expires}:`);
    t.is(entry?.validUntilMs, end === undefined ? undefined : end * DAY_MS);
  });
}

test('parseShadow() never throws, whatever the file holds', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseShadow(text);
      parseShadow(`alice:${SHA512}:${text}`);
    }),
  );
  t.pass();
});
