import test from 'ava';
import { hasUser, isApacheFile, putUser, removeUser } from '../../src/pis5user/edit.ts';

const NEW = { user: 'alice', group: undefined, hash: 'NEW', fields: 'two' } as const;

const CASES = [
  ['an empty text', '', 'alice:NEW\n'],
  ['a last line without an end', 'bob:x', 'bob:x\nalice:NEW\n'],
  ['CRLF', 'bob:x\r\n', 'bob:x\r\nalice:NEW\r\n'],
  ['the user at the end without a line end', 'bob:x\nalice:old', 'bob:x\nalice:NEW'],
  ['a group', 'alice:staff:old\n', 'alice:staff:NEW\n'],
  ['an empty group', 'alice::old\n', 'alice::NEW\n'],
  ['a byte order mark', '\xef\xbb\xbfalice:old\nbob:x\n', '\xef\xbb\xbfalice:NEW\nbob:x\n'],
  ['two lines of the user', 'alice:a\nbob:x\nalice:b\n', 'alice:NEW\nbob:x\n'],
  ['a comment with the name', '#alice:a\n', '#alice:a\nalice:NEW\n'],
  ['a damaged line of the user', 'alice\n', 'alice:NEW\n'],
  ['a line with a comment', 'alice:$apr1$a$b:the comment  \n', 'alice:NEW:the comment  \n'],
  ['a line with a comment of odd bytes', 'alice:{SHA}x:\xe4:\xa0\r\n', 'alice:NEW:\xe4:\xa0\r\n'],
  ['a group and a comment', 'alice:staff:$6$x:c:d\n', 'alice:staff:NEW:c:d\n'],
  ['a hash of DES and a comment', 'alice:rqXexS6ZhobKA:c\n', 'alice:NEW:c\n'],
  ['a locked line with a comment', 'alice:!$6$x:gone\n', 'alice:NEW:gone\n'],
] as const;

for (const [title, before, after] of CASES) {
  test(`putUser() writes the user into ${title}`, (t) => {
    t.is(putUser(before, NEW), after);
  });
}

test('putUser() gives a user of two fields a group', (t) => {
  t.is(putUser('alice:old\n', { ...NEW, group: 'staff' }), 'alice:staff:NEW\n');
});

test('putUser() keeps a comment beside a new group', (t) => {
  t.is(putUser('alice:$6$x:c\n', { ...NEW, group: 'staff' }), 'alice:staff:NEW:c\n');
  t.is(putUser('alice:$6$x:c\n', { ...NEW, fields: 'three' }), 'alice::NEW:c\n');
});

test('putUser() writes three fields where that is asked for, and keeps the group', (t) => {
  const three = { ...NEW, fields: 'three' } as const;
  t.is(putUser('', three), 'alice::NEW\n');
  t.is(putUser('alice:old\n', three), 'alice::NEW\n');
  t.is(putUser('alice:staff:old\n', three), 'alice:staff:NEW\n');
  t.is(putUser('alice:staff:old\n', { ...three, user: '' }), 'alice:staff:old\n::NEW\n');
});

test('isApacheFile() tells a file of two fields from an empty one and one with groups', (t) => {
  for (const text of ['a:x\n', '# c\n\na:x\nb:y', '\xef\xbb\xbfa:x\r\n', 'a\n', 'a:$6$x:c\n'])
    t.true(isApacheFile(text));
  for (const text of ['', '# a:x\n', 'a::x\n', 'a:x\nb:staff:y\n', '::x\n']) t.false(isApacheFile(text));
});

test('hasUser() and removeUser() heed whole names', (t) => {
  const text = 'al:x\nalice:y\n# alice:z\n';
  t.deepEqual(
    ['al', 'alice', 'ali', '# alice'].map((user) => hasUser(text, user)),
    [true, true, false, false],
  );
  t.is(removeUser(text, 'al'), 'alice:y\n# alice:z\n');
});
