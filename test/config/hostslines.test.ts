import test from 'ava';
import { splitFields, splitHostsLines, splitWords } from '../../src/config/hosts/hostslines.ts';

test('splitHostsLines() joins what a backslash continues, and keeps the number of the first line', (t) => {
  t.deepEqual(splitHostsLines('# a\\\nALL: b\n\nALL: \\\n c, \\\n d\n \t\nx: y'), [
    { number: 4, text: 'ALL:  c,  d' },
    { number: 8, text: 'x: y' },
  ]);
  t.deepEqual(splitHostsLines('ALL: \\'), [{ number: 1, text: 'ALL: ' }]);
  t.deepEqual(splitHostsLines(''), []);
});

test('splitFields() leaves colons in brackets and behind a backslash alone', (t) => {
  t.deepEqual(splitFields('a: [2001:db8::]/32 b: c'), ['a', ' [2001:db8::]/32 b', ' c']);
  t.deepEqual(splitFields(String.raw`a\:b:c\d`), ['a:b', String.raw`c\d`]);
  t.deepEqual(splitFields('a'), ['a']);
});

test('splitWords() takes white space and commas in any number', (t) => {
  t.deepEqual(splitWords(' a, b\tc ,,d '), ['a', 'b', 'c', 'd']);
  t.deepEqual(splitWords(' '), []);
});
