import test from 'ava';
import { readTyped } from '../../src/pis5user/lineeditor.ts';

const CASES = [
  ['plain keys', 'abc\r', 'abc'],
  ['a line feed', 'abc\n', 'abc'],
  ['Backspace', 'abx\x7fc\r', 'abc'],
  ['Backspace over an empty line', '\x7f\x08a\r', 'a'],
  ['Backspace over a letter of two bytes', 'aü\x7fb\r', 'ab'],
  ['Ctrl-U', 'junk\x15abc\r', 'abc'],
  ['Ctrl-D in the line', 'a\x04b\r', 'a\x04b'],
] as const;

for (const [title, keys, line] of CASES) {
  test(`readTyped() reads ${title}`, (t) => {
    t.like(readTyped(Buffer.from(keys)), { kind: 'line', line: Buffer.from(line) });
  });
}

test('readTyped() keeps what was typed ahead', (t) => {
  t.deepEqual(readTyped(Buffer.from('a\rb\r')), {
    kind: 'line',
    line: Buffer.from('a'),
    rest: Buffer.from('b\r'),
  });
});

test('readTyped() waits for the end of the line', (t) => {
  t.deepEqual(readTyped(Buffer.from('abc')), { kind: 'more' });
});

test('readTyped() is interrupted by Ctrl-C anywhere and by Ctrl-D on an empty line', (t) => {
  t.deepEqual(readTyped(Buffer.from('abc\x03')), { kind: 'interrupted' });
  t.deepEqual(readTyped(Buffer.from('\x04')), { kind: 'interrupted' });
});
