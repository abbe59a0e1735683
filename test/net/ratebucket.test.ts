import test from 'ava';
import fc from 'fast-check';
import { RateBucket } from '../../src/net/streams/ratebucket.ts';

const rates = fc.integer({ min: 1, max: 1_000_000_000 });
const steps = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 100 });

/** Takes all that is allowed. */
function empty(bucket: RateBucket, nowMs: number): number {
  const allowed = bucket.allowance(nowMs);
  bucket.spend(allowed);
  return allowed;
}

test('a bucket never gives more than its rate and a burst', (t) => {
  fc.assert(
    fc.property(rates, steps, (bytesPerSecond, waits) => {
      const bucket = new RateBucket(bytesPerSecond, 0);
      let nowMs = 0;
      let given = empty(bucket, nowMs);
      for (const wait of waits) {
        nowMs += wait;
        given += empty(bucket, nowMs);
      }
      const most = Math.max(bytesPerSecond * 0.128, 2048) + (bytesPerSecond * nowMs) / 1000;
      return given <= most + 1;
    }),
  );
  t.pass();
});

for (const bytesPerSecond of [1, 100, 1500, 8192, 200_000, 100_000_000]) {
  test(`a reader that comes back when it is told to gets its ${bytesPerSecond} bytes a second`, (t) => {
    const bucket = new RateBucket(bytesPerSecond, 0);
    empty(bucket, 0);
    let given = 0;
    let nowMs = 0;
    while (nowMs < 60_000) {
      nowMs += bucket.waitMs(nowMs);
      given += empty(bucket, nowMs);
    }
    t.true(Math.abs(given - (bytesPerSecond * nowMs) / 1000) <= 1);
  });
}

test('a slow reader is told to come back for about a segment, a fast one in small steps', (t) => {
  const waits = [1, 100, 2000, 8000, 200_000].map((bytesPerSecond) => {
    const bucket = new RateBucket(bytesPerSecond, 0);
    empty(bucket, 0);
    return bucket.waitMs(0);
  });
  t.deepEqual(waits, [1000, 250, 250, 175, 50]);
});

test('setting the same rate again gives nothing away', (t) => {
  const bucket = new RateBucket(1_000_000, 0);
  empty(bucket, 0);
  for (let nowMs = 0; nowMs < 50; nowMs++) bucket.setRate(1_000_000, nowMs);
  t.is(bucket.allowance(50), 50_000);
});

test('a lower rate takes away what it would not have saved up', (t) => {
  const bucket = new RateBucket(1_000_000, 0);
  bucket.setRate(1000, 0);
  t.is(bucket.allowance(0), 2048);
});
