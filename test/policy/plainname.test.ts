// Which names can be a user's.
import test from 'ava';
import { isPlainName } from '../../src/policy/plainname.ts';

test('isPlainName() takes what logs and rules can tell from all others', (t) => {
  for (const name of ['alice', 'jürgen', 'a b', 'spiffe://example/alice', 'x'.repeat(255)])
    t.true(isPlainName(name), name);
  for (const name of ['', 'x'.repeat(256), 'ü'.repeat(128), 'a\nb', 'a\0', 'a"b', '\uFFFD'])
    t.false(isPlainName(name), JSON.stringify(name));
});
