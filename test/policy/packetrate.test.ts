import test from 'ava';
import { PacketRate } from '../../src/policy/udp/packetrate.ts';

function clock() {
  const time = { nowMs: 5000 };
  return { time, now: () => time.nowMs };
}

/** How many of `tries` are let through at once. */
function taken(rate: PacketRate, tries: number): number {
  return Array.from({ length: tries }, () => rate.take()).filter(Boolean).length;
}

test('a second’s worth may come at once, and no more', (t) => {
  const rate = new PacketRate(10, clock().now);
  t.is(taken(rate, 25), 10);
});

test('what was used comes back at an even pace', (t) => {
  const { time, now } = clock();
  const rate = new PacketRate(10, now);
  taken(rate, 10);
  time.nowMs += 99;
  t.is(taken(rate, 5), 0);
  time.nowMs += 1;
  t.is(taken(rate, 5), 1);
  time.nowMs += 500;
  t.is(taken(rate, 25), 5);
});

test('a pause does not save up for more than a second', (t) => {
  const { time, now } = clock();
  const rate = new PacketRate(10, now);
  time.nowMs += 60_000;
  t.is(taken(rate, 25), 10);
});

test('asking often does not lose what is due', (t) => {
  const { time, now } = clock();
  const rate = new PacketRate(3, now);
  taken(rate, 3);
  let passed = 0;
  for (let step = 0; step < 1000; step++) {
    time.nowMs += 1;
    passed += taken(rate, 1);
  }
  t.true(passed === 3 || passed === 2, String(passed));
});

test('0 is no limit', (t) => {
  t.is(taken(new PacketRate(0, clock().now), 10_000), 10_000);
});
