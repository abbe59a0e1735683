import test from 'ava';
import { formatLocalTime } from '../../src/observe/lines/localtime.ts';

const CASES: readonly [string, string][] = [
  ['UTC', '2023-11-14T22:13:20.123+00:00'],
  ['Asia/Kolkata', '2023-11-15T03:43:20.123+05:30'],
  ['America/St_Johns', '2023-11-14T18:43:20.123-03:30'],
];
for (const [zone, expected] of CASES) {
  test.serial(`formatLocalTime() tells the time of ${zone} with its offset`, (t) => {
    process.env['TZ'] = zone;
    t.is(formatLocalTime(1_700_000_000_123), expected);
    t.is(Date.parse(formatLocalTime(1_700_000_000_123)), 1_700_000_000_123);
  });
}
