import test from 'ava';
import fc from 'fast-check';
import { quoteText } from '../../src/observe/lines/quote.ts';

/** Any string of UTF-16 units, lone surrogates among them, rich in what is dangerous. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0, max: 0x7f }),
      fc.constantFrom(0x22, 0x5c, 0x0a, 0x0d, 0x85, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff, 0xdb40, 0xdc01),
    ),
  )
  .map((units) => String.fromCharCode(...units));

test('quoteText() writes a JSON string that reads back as the value', (t) => {
  fc.assert(
    fc.property(anyText, (value) => {
      const quoted = quoteText(value, Infinity);
      t.false(quoted.cut);
      t.is(JSON.parse(quoted.text), value);
    }),
  );
});

test('quoteText() leaves no control, format, separator or lone surrogate character in the text', (t) => {
  fc.assert(
    fc.property(anyText, (value) => {
      t.notRegex(quoteText(value, Infinity).text, /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]/u);
    }),
  );
});

test('quoteText() keeps to its room in bytes, closes the quote and keeps a prefix of the value', (t) => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 60 }), (value, room) => {
      const quoted = quoteText(value, room);
      t.true(Buffer.byteLength(quoted.text) <= room);
      const read = JSON.parse(quoted.text) as string;
      t.true(value.startsWith(read));
      t.is(quoted.cut, read !== value);
    }),
  );
});

const CASES: readonly [string, string, string][] = [
  ['plain text as it is', 'a b=c', '"a b=c"'],
  ['letters of other scripts as they are', 'Grüße 東京', '"Grüße 東京"'],
  ['quote and backslash', 'a"b\\c', '"a\\"b\\\\c"'],
  ['line ends', 'a\r\nb\tc', '"a\\r\\nb\\tc"'],
  ['NUL, escape and DEL', '\0\x1b\x7f', '"\\u0000\\u001b\\u007f"'],
  ['C1 controls', '\x85\x9b', '"\\u0085\\u009b"'],
  ['the right-to-left override', 'a\u202eb', '"a\\u202eb"'],
  ['an invisible tag as two units', '\u{e0041}', '"\\udb40\\udc41"'],
  ['a space that is not one', 'a\u00a0b', '"a\\u00a0b"'],
];
for (const [name, value, expected] of CASES) {
  test(`quoteText() writes ${name}`, (t) => {
    t.is(quoteText(value, 100).text, expected);
  });
}
