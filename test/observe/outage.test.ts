import test from 'ava';
import { Outage } from '../../src/observe/lines/outage.ts';

test('Outage waits longer with each failure, half a minute at most, and is new only once', (t) => {
  const outage = new Outage();
  const seen = Array.from({ length: 9 }, () => outage.failed());
  t.deepEqual(
    seen.map(({ waitMs }) => waitMs),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
  t.deepEqual(
    seen.map(({ isFirst }) => isFirst),
    [true, ...Array<boolean>(8).fill(false)],
  );
  outage.over();
  t.deepEqual(outage.failed(), { waitMs: 500, isFirst: true });
});
