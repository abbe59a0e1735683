import test from 'ava';
import fc from 'fast-check';
import { MAX_DURATION_MS, formatDuration, parseDuration } from '../../src/base/units.ts';

const DURATIONS: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['0s', 0],
  ['15', 15_000],
  ['15s', 15_000],
  ['500ms', 500],
  ['1.5', 1500],
  ['0.25s', 250],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['007', 7000],
  ['1.5ms', 2],
  ['2147483647ms', MAX_DURATION_MS],
  ['2147483648ms', undefined],
  ['25d', undefined],
  ['0.0001', undefined],
  ['0.4ms', undefined],
  ['', undefined],
  ['s', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['.5', undefined],
  ['5.', undefined],
  ['5 s', undefined],
  [' 5', undefined],
  ['5\n', undefined],
  ['5S', undefined],
  ['5w', undefined],
  ['Infinity', undefined],
  ['١', undefined],
];

for (const [text, milliseconds] of DURATIONS) {
  test(`parseDuration() reads ${JSON.stringify(text)} as ${milliseconds ?? 'no duration'}`, (t) => {
    t.is(parseDuration(text), milliseconds);
  });
}

test('formatDuration() takes the largest unit that is exact', (t) => {
  t.deepEqual([0, 1, 1500, 15_000, 900_000, 5_400_000, 7_200_000, 86_400_000].map(formatDuration), [
    '0',
    '1ms',
    '1500ms',
    '15s',
    '15m',
    '90m',
    '2h',
    '1d',
  ]);
});

test('parseDuration() reads back what formatDuration() writes', (t) => {
  fc.assert(
    fc.property(fc.nat(MAX_DURATION_MS), (milliseconds) => {
      t.is(parseDuration(formatDuration(milliseconds)), milliseconds);
    }),
  );
});
