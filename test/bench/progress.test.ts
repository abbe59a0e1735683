import test from 'ava';
import { amountAt, measuredAmounts } from '../../bench/amounts.ts';
import { isWanted, takesPart } from '../../bench/bench.ts';
import { formatMinutes, secondsLeft } from '../../bench/progress.ts';

const STEPS = [
  { name: 'start', seconds: 10 },
  { name: 'bulk', seconds: 20 },
  { name: 'echo', seconds: 10 },
  { name: 'bulk', seconds: 20 },
  { name: 'echo', seconds: 10 },
];

test('secondsLeft() begins with what was planned', (t) => {
  t.is(secondsLeft(STEPS, []), 70);
});

test('secondsLeft() goes by what steps of that name took, and scales the others', (t) => {
  // A start of 50 s instead of 10, with 30 as planned beside them: all takes twice as long.
  t.is(secondsLeft(STEPS, [50]), 120);
  // Bulk is known by then: 16 s. Echo goes by (50 + 16 + 30) / (10 + 20 + 30).
  t.is(secondsLeft(STEPS, [50, 16]), 16 + 16 + 16);
  t.is(secondsLeft(STEPS, [50, 16, 5, 24]), 5);
  t.is(secondsLeft(STEPS, [50, 16, 5, 24, 7]), 0);
});

test('secondsLeft() learns little from short steps', (t) => {
  const steps = [
    { name: 'one', seconds: 0 },
    { name: 'two', seconds: 60 },
  ];
  t.is(secondsLeft(steps, [3]), 66);
  t.is(secondsLeft([], []), 0);
});

test('formatMinutes() rounds to the nearest', (t) => {
  t.is(formatMinutes(29), 'less than a minute');
  t.is(formatMinutes(31), 'a minute');
  t.is(formatMinutes(91), '2 minutes');
  t.is(formatMinutes(1210), '20 minutes');
});

test('amountAt() is what a peer does in the time, within bounds', (t) => {
  t.is(amountAt(2e9, 'bytes', 1.2), 2.4e9);
  t.is(amountAt(2_345_678_901, 'bytes', 1), 2.3e9);
  t.is(amountAt(1e7, 'bytes', 1.2), 1e9);
  t.is(amountAt(1e12, 'bytes', 1.2), 1.2e10);
});

test('amountAt() of an unknown pace is the first guess, and less of it where time is short', (t) => {
  t.is(amountAt(undefined, 'connections', 1.2), 12_000);
  t.is(amountAt(undefined, 'connections', 0.4), 4800);
});

test('measuredAmounts() learns from the measurement of the same name', (t) => {
  const amounts = measuredAmounts(1);
  amounts.learn('slow down1', 3e9, 2);
  t.is(amounts.next('slow down1', 'bytes'), 1.5e9);
  t.is(amounts.next('fast down1', 'bytes'), 3e9);
});

test('a step is wanted when the text of --workload is part of its name', (t) => {
  t.true(isWanted({ workload: undefined }, 'bulk, 1 stream'));
  t.true(isWanted({ workload: 'udp' }, 'UDP, 1 association'));
  t.false(isWanted({ workload: 'bulk' }, 'UDP, 1 association'));
});

test('a peer that is for some workloads only takes part in no other', (t) => {
  t.true(takesPart({ only: 'bulk' }, 'bulk, 1 stream'));
  t.false(takesPart({ only: 'bulk' }, 'cold'));
  t.true(takesPart({}, 'cold'));
});
