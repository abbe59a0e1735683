import test from 'ava';
import { hasUser, putUser, removeUser } from '../../src/pis5user/edit.ts';

const NEW = { user: 'alice', group: undefined, hash: 'NEW' };

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
] as const;

for (const [title, before, after] of CASES) {
  test(`putUser() writes the user into ${title}`, (t) => {
    t.is(putUser(before, NEW), after);
  });
}

test('putUser() gives a user of two fields a group', (t) => {
  t.is(putUser('alice:old\n', { ...NEW, group: 'staff' }), 'alice:staff:NEW\n');
});

test('hasUser() and removeUser() heed whole names', (t) => {
  const text = 'al:x\nalice:y\n# alice:z\n';
  t.deepEqual(
    ['al', 'alice', 'ali', '# alice'].map((user) => hasUser(text, user)),
    [true, true, false, false],
  );
  t.is(removeUser(text, 'al'), 'alice:y\n# alice:z\n');
});
