// The clock of the store: read off a monotonic clock, so that setting a clock moves nothing.
import test from 'ava';
import { StoreClock, storeMsOf } from '../../../src/daemon/fleet/storeclock.ts';

function clocks() {
  const host = { wall: 1_000_000, monotonic: 5000 };
  return {
    host,
    clock: new StoreClock(
      () => host.wall,
      () => host.monotonic,
    ),
  };
}

test('until the store has said anything its time is that of the host', (t) => {
  const { clock } = clocks();
  t.is(clock.now(), 1_000_000);
  t.is(clock.aheadMs, 0);
});

test('an answer counts for the middle of its journey, and goes on by the monotonic clock', (t) => {
  const { host, clock } = clocks();
  host.monotonic += 20;
  clock.read(4_600_000, 5000);
  t.is(clock.now(), 4_600_010);
  t.is(clock.aheadMs, 3_600_010);
  host.monotonic += 1000;
  host.wall += 1000;
  t.is(clock.now(), 4_601_010);
  t.is(clock.aheadMs, 3_600_010);
});

test('a clock of the host that is set moves the difference, and not the time of the store', (t) => {
  const { host, clock } = clocks();
  clock.read(4_600_000, 5000);
  host.wall += 3_600_000;
  t.is(clock.now(), 4_600_000);
  t.is(clock.aheadMs, 0);
});

test('small differences are noise: the same moment is told as the same', (t) => {
  const { host, clock } = clocks();
  clock.read(1_000_500, 5000);
  t.is(clock.aheadMs, 500);
  for (const noise of [30, -40, 199]) {
    host.wall = 1_000_000 + noise;
    t.is(clock.aheadMs, 500);
  }
});

test('TIME is seconds and microseconds; anything else is none', (t) => {
  t.is(storeMsOf(['1700000000', '250000']), 1_700_000_000_250);
  for (const other of [null, 'OK', [], ['x', 'y'], 5]) t.is(storeMsOf(other), NaN);
});
