import test from 'ava';
import { putLatest } from '../../src/base/latest.ts';

test('putLatest() drops the oldest entries, and what is put in again is not old', (t) => {
  const map = new Map<string, number>();
  for (const [at, key] of ['a', 'b', 'c', 'a', 'd'].entries()) putLatest(map, key, at, 3);
  t.deepEqual(
    [...map],
    [
      ['c', 2],
      ['a', 3],
      ['d', 4],
    ],
  );
});

test('putLatest() keeps nothing where nothing may be kept', (t) => {
  const map = new Map<string, number>();
  putLatest(map, 'a', 1, 0);
  t.is(map.size, 0);
});
