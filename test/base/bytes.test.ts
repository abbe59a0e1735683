import test from 'ava';
import fc from 'fast-check';
import { byteString, concatBytes, cutName, displayText } from '../../src/base/bytes.ts';

test('concatBytes() keeps every byte in order', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
      t.deepEqual([...concatBytes(head, tail)], [...head, ...tail]);
    }),
  );
});

test('concatBytes() copies nothing when one side is empty', (t) => {
  const bytes = Uint8Array.of(1, 2);
  const empty = new Uint8Array(0);
  t.is(concatBytes(bytes, empty), bytes);
  t.is(concatBytes(empty, bytes), bytes);
});

test('byteString() has one character per byte, of the same number, in a part of a buffer too', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(5), (bytes, skip) => {
      const part = bytes.subarray(skip);
      const text = byteString(part);
      t.deepEqual(
        Array.from(text, (character) => character.charCodeAt(0)),
        [...part],
      );
    }),
  );
});

test('displayText() reads back every well-formed text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.is(displayText(new TextEncoder().encode(text)), text);
    }),
  );
});

test('displayText() shows bytes that are not UTF-8 one by one', (t) => {
  t.is(displayText(Uint8Array.of(0x4d, 0xfc, 0x6c)), 'Mül');
  t.is(displayText(Uint8Array.of(0xc3)), 'Ã');
});

test('cutName() keeps a name, and of what has a colon nothing behind the first one', (t) => {
  t.is(cutName('ann'), 'ann');
  t.is(cutName(''), '');
  t.is(cutName('ann:'), 'ann:***');
  t.is(cutName(':secret'), ':***');
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, secret) => {
      const cut = cutName(`${name}:${secret}`);
      t.is(cut, `${name.split(':')[0] ?? ''}:***`);
      t.is(cutName(cut), cut);
    }),
  );
});
