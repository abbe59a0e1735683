import test from 'ava';
import fc from 'fast-check';
import { parseUserFile, splitLine } from '../../src/auth/files/htpasswd.ts';

const APR1 = '$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/';
const DES = 'rqXexS6ZhobKA';

test('parseUserFile() numbers the lines of users and skips blanks and comments', (t) => {
  const { entries, problems } = parseUserFile(
    `# users\n\n  alice:${APR1}  \n\t\nbob:${DES}\n`,
    'auto',
    'refuse',
  );
  t.deepEqual(problems, []);
  t.deepEqual(
    entries.map(({ line, user, secret }) => [line, user, secret.kind]),
    [
      [3, 'alice', 'hash'],
      [5, 'bob', 'hash'],
    ],
  );
});

test('parseUserFile() reads a file with CRLF, a byte order mark and no last line end', (t) => {
  const { entries, problems } = parseUserFile(`\xef\xbb\xbfalice:${APR1}\r\nbob:${DES}`, 'auto', 'refuse');
  t.deepEqual(problems, []);
  t.deepEqual(
    entries.map(({ user, secret }) => [user, secret.kind]),
    [
      ['alice', 'hash'],
      ['bob', 'hash'],
    ],
  );
});

test('parseUserFile() keeps the byte A0 at the end of a UTF-8 name or password', (t) => {
  const { entries } = parseUserFile('\xc3\xa0:secret\xc3\xa0\n', 'htpasswd', 'accept');
  t.deepEqual(entries[0]?.user, '\xc3\xa0');
  t.deepEqual(entries[0]?.secret, { kind: 'hash', hash: { kind: 'plain', text: 'secret\xc3\xa0' } });
});

test('parseUserFile() takes three fields as user, group and secret', (t) => {
  const { entries } = parseUserFile(`alice:staff:${APR1}\nbob::$base64$c2VjcmV0\n`, 'auto', 'refuse');
  t.deepEqual(
    entries.map(({ user, group, format, secret }) => [user, group, format, secret.kind]),
    [
      ['alice', 'staff', 'password', 'hash'],
      ['bob', undefined, 'password', 'hash'],
    ],
  );
});

test('parseUserFile() takes a group of 13 letters for a group and not for a DES hash', (t) => {
  const { entries } = parseUserFile(`alice:administrator:${APR1}\n`, 'auto', 'refuse');
  t.is(entries[0]?.group, 'administrator');
});

test('parseUserFile() reads two fields of the three-field format, with a problem', (t) => {
  const { entries, problems } = parseUserFile(`alice:${APR1}\n`, 'password', 'refuse');
  t.is(entries[0]?.secret.kind, 'hash');
  t.is(entries[0]?.format, 'password');
  t.deepEqual(
    problems.map(({ line }) => line),
    [1],
  );
});

test('parseUserFile() ignores what follows the second colon of an htpasswd line, as Apache does', (t) => {
  const { entries, problems } = parseUserFile(`alice:${APR1}:Alice A.\n`, 'htpasswd', 'refuse');
  t.is(entries[0]?.secret.kind, 'hash');
  t.is(problems.length, 1);
});

test('parseUserFile() gives the secret of the server itself an empty user', (t) => {
  const { entries, problems } = parseUserFile('::$base64$c2VjcmV0\n', 'auto', 'refuse');
  t.deepEqual(problems, []);
  t.like(entries[0], { user: '', group: undefined, format: 'password', secret: { kind: 'hash' } });
});

test('parseUserFile() reports a line without a colon and reads the others', (t) => {
  const { entries, problems } = parseUserFile(`alice\nbob:${DES}\n`, 'auto', 'refuse');
  t.deepEqual(problems[0]?.line, 1);
  t.is(entries[0]?.user, 'bob');
});

test('splitLine() gives the user and all that follows the first colon', (t) => {
  t.deepEqual(splitLine('a:b:c:d\r\n'), { user: 'a', rest: 'b:c:d' });
  t.deepEqual(splitLine(':x'), { user: '', rest: 'x' });
  t.is(splitLine('  # a:b'), undefined);
});

test('parseUserFile() never throws', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.constantFrom('auto' as const, 'htpasswd' as const, 'password' as const),
      (bytes, format) => {
        parseUserFile(Buffer.from(bytes).toString('latin1'), format, 'accept');
      },
    ),
  );
  t.pass();
});
