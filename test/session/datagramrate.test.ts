import test from 'ava';
import { DatagramRate } from '../../src/session/datagrams/datagramrate.ts';

function newRate() {
  const clock = { ms: 0 };
  return { rate: new DatagramRate(() => clock.ms), clock };
}

/** Datagrams of `size` bytes that pass, of one each millisecond. */
function passed({ rate, clock }: ReturnType<typeof newRate>, size: number, seconds: number): number {
  let count = 0;
  for (let each = 0; each < seconds * 1000; each++) {
    clock.ms += 1;
    if (rate.take('down', size)) count += 1;
  }
  return count;
}

test('without a rate every datagram passes', (t) => {
  t.is(passed(newRate(), 65_000, 1), 1000);
});

for (const size of [100, 1400, 60_000]) {
  test(`datagrams of ${size} bytes pass as fast as the rate says, whatever is saved up`, (t) => {
    const world = newRate();
    world.rate.setRate({ up: 0, down: 50_000 });
    passed(world, size, 2);
    const bytes = passed(world, size, 60) * size;
    t.true(Math.abs(bytes - 60 * 50_000) <= 60_000, `${bytes}`);
  });
}

test('the directions have rates of their own, and 0 lifts one', (t) => {
  const world = newRate();
  world.rate.setRate({ up: 1, down: 1 });
  while (world.rate.take('down', 1400));
  t.true(world.rate.take('up', 1400));
  t.false(world.rate.take('down', 1));
  world.rate.setRate({ up: 1, down: 0 });
  t.true(world.rate.take('down', 1400));
});
