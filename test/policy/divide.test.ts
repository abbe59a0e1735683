import test from 'ava';
import fc from 'fast-check';
import { divide } from '../../src/policy/limits/divide.ts';

const CASES: readonly (readonly [whole: number, demands: readonly number[], parts: readonly number[]])[] = [
  [100, [Infinity], [100]],
  [100, [0], [100]],
  [100, [Infinity, Infinity], [50, 50]],
  [100, [10, Infinity], [10, 90]],
  [100, [Infinity, 10, 20, Infinity], [35, 10, 20, 35]],
  [100, [60, 60], [50, 50]],
  [100, [10, 20], [45, 55]],
];

for (const [whole, demands, parts] of CASES) {
  test(`divide(${whole}, [${demands.join(' ')}]) is [${parts.join(' ')}]`, (t) => {
    t.deepEqual(divide(whole, demands), parts);
  });
}

const demand = fc.oneof(fc.constant(Infinity), fc.double({ min: 0, max: 1e10, noNaN: true }));
const demands = fc.array(demand, { minLength: 1, maxLength: 60 });
const whole = fc.double({ min: 1, max: 1e10, noNaN: true });

test('divide() gives all of it and no more, and nobody less than he needs or an equal part', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(whole, demands, (rate, wanted) => {
        const parts = divide(rate, wanted);
        const slack = rate * 1e-9;
        const sum = parts.reduce((total, part) => total + part, 0);
        t.true(Math.abs(sum - rate) <= slack, `${sum} of ${rate}`);
        for (const [at, part] of parts.entries()) {
          t.true(part >= Math.min(wanted[at]!, rate / wanted.length) - slack);
        }
      }),
    ),
  );
});

test('divide() never gives more to who wants less', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(whole, demands, (rate, wanted) => {
        const sorted = wanted.toSorted((one, other) => one - other);
        const parts = divide(rate, sorted);
        for (let at = 1; at < parts.length; at++) t.true(parts[at]! >= parts[at - 1]! - rate * 1e-9);
      }),
    ),
  );
});
