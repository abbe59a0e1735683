import test from 'ava';
import { LineCutter } from '../../../src/auth/sources/linecutter.ts';

function cutter() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const made = new LineCutter(
    (line) => lines.push(line),
    () => clock.now,
  );
  return { lines, clock, add: (text: string) => made.add(Buffer.from(text)) };
}

test('lines come whole, however the bytes come; empty ones not at all', (t) => {
  const { lines, add } = cutter();
  for (const text of ['on', 'e\ntw', 'o\n\n', '\r\nthree']) add(text);
  t.deepEqual(lines, ['one', 'two']);
});

test('a long line is cut, and a flood of them counted', (t) => {
  const { lines, clock, add } = cutter();
  add(`${'x'.repeat(5000)}\n`);
  t.is(lines[0]!.length, 1024);
  add('y\n'.repeat(100));
  t.is(lines.length, 20);
  clock.now += 60_000;
  add('z\n');
  t.deepEqual(lines.slice(20), ['81 more lines in a minute were left out', 'z']);
});
