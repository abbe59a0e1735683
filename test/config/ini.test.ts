import test from 'ava';
import fc from 'fast-check';
import { parseIni } from '../../src/config/reading/ini.ts';

const setting = (keyword: string, value: string | undefined, line = 1) =>
  ({ kind: 'setting', line, keyword, value }) as const;

const LINES: readonly (readonly [text: string, expected: unknown])[] = [
  ['key = value', setting('key', 'value')],
  ['  key=value\t', setting('key', 'value')],
  ['key = a = b', setting('key', 'a = b')],
  ['key = "quoted"', setting('key', '"quoted"')],
  ['key = a # b ; c', setting('key', 'a # b ; c')],
  ['key =', setting('key', '')],
  ['key', setting('key', undefined)],
  ['key = value\r', setting('key', 'value')],
  ['\uFEFFkey = value', setting('key', 'value')],
  [`key = ${'x'.repeat(5000)}`, setting('key', 'x'.repeat(5000))],
  ['[staff]', { kind: 'section', line: 1, name: 'staff' }],
  [' [ two words ] ', { kind: 'section', line: 1, name: 'two words' }],
  ['[*]', { kind: 'section', line: 1, name: '*' }],
];

for (const [text, expected] of LINES) {
  test(`parseIni() reads ${JSON.stringify(text.slice(0, 40))}`, (t) => {
    t.deepEqual(parseIni(text), [expected] as never);
  });
}

for (const text of ['', '# comment', '  ; comment', '\n\n', '#[section]', '#key = value']) {
  test(`parseIni() passes over ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(parseIni(text), []);
  });
}

for (const text of ['= value', '[', '[]', '[ ]', '[a', '[a] # b', '[[a]]']) {
  test(`parseIni() says that ${JSON.stringify(text)} is wrong`, (t) => {
    t.like(parseIni(text), { length: 1, 0: { kind: 'wrong', line: 1 } });
  });
}

test('parseIni() numbers lines from 1, whatever stands between them', (t) => {
  t.deepEqual(parseIni('# x\n\na=1\r\n;y\n[s]\nb'), [
    setting('a', '1', 3),
    { kind: 'section', line: 5, name: 's' },
    setting('b', undefined, 6),
  ]);
});

test('parseIni() never throws', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseIni(text))));
  t.pass();
});
