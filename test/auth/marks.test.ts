// Marks in the comment of a line: pure text to values and back.
import test from 'ava';
import fc from 'fast-check';
import { parseUserFile } from '../../src/auth/files/htpasswd.ts';
import { decodeMarks, encodeMarks, parseDay } from '../../src/auth/files/marks.ts';

const BCRYPT = '$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC';
const DES = 'rqXexS6ZhobKA';
const DAY = Date.UTC(2026, 11, 31);

const COMMENTS: readonly (readonly [comment: string | undefined, ...unknown[]])[] = [
  [undefined, false, undefined, undefined],
  ['', false, undefined, ''],
  ['the comment', false, undefined, 'the comment'],
  ['!locked', true, undefined, undefined],
  ['!locked:', true, undefined, ''],
  ['!locked:!expires=2026-12-31:a:b', true, '2026-12-31', 'a:b'],
  ['!expires=2026-12-31', false, '2026-12-31', undefined],
  ['!lockedout', false, undefined, '!lockedout'],
  ['locked', false, undefined, 'locked'],
  ['the !locked', false, undefined, 'the !locked'],
];

for (const [comment, isLocked, expires, behind] of COMMENTS) {
  test(`decodeMarks() reads ${JSON.stringify(comment)}, and encodeMarks() writes it`, (t) => {
    const marks = decodeMarks(comment);
    t.deepEqual(marks, { isLocked, expires, comment: behind } as typeof marks);
    t.is(encodeMarks(marks), comment);
  });
}

test('marks that are set and taken off again leave every comment as it was', (t) => {
  const comments = fc.option(fc.string({ unit: 'binary-ascii' }), { nil: undefined });
  fc.assert(
    fc.property(comments, (comment) => {
      const before = decodeMarks(comment);
      const marked = decodeMarks(encodeMarks({ ...before, isLocked: true, expires: '2026-12-31' }));
      t.like(marked, { isLocked: true, expires: '2026-12-31', comment: before.comment });
      t.is(encodeMarks({ ...marked, isLocked: false, expires: undefined }), before.comment);
    }),
  );
});

test('parseDay() takes days that there are, in UTC, and nothing else', (t) => {
  t.is(parseDay('2026-12-31'), DAY);
  t.is(parseDay('2028-02-29'), Date.UTC(2028, 1, 29));
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '31.12.2026', '2026-12-31T00:00', '', 'never'])
    t.is(parseDay(text), undefined, text);
});

for (const format of ['auto', 'htpasswd', 'password'] as const) {
  for (const [kind, hash] of [
    ['bcrypt', BCRYPT],
    ['des', DES],
  ] as const) {
    test(`parseUserFile() heeds marks behind ${kind} in format ${format}, without a word`, (t) => {
      const text = `a:${hash}:!locked\nb:${hash}:!expires=2026-12-31:c\nd:${hash}:!locked:!expires=2026-12-31\n`;
      const { entries, problems } = parseUserFile(text, format, 'accept');
      t.deepEqual(problems, []);
      t.deepEqual(
        entries.map(({ isLocked, validUntilMs, secret }) => [isLocked, validUntilMs, secret.kind]),
        [
          [true, undefined, 'hash'],
          [false, DAY, 'hash'],
          [true, DAY, 'hash'],
        ],
      );
    });
  }
}

test('parseUserFile() locks whoever expires on a day that is none, and says so', (t) => {
  const { entries, problems } = parseUserFile(`a:staff:${BCRYPT}:!expires=soon\n`, 'auto', 'refuse');
  t.like(entries[0], { group: 'staff', isLocked: true });
  t.regex(problems[0]?.text ?? '', /^!expires=soon is no day such as 2026-12-31: the user is locked$/);
});
