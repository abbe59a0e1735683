import test from 'ava';
import fc from 'fast-check';
import { ReplyBudget, type ReplyLimits } from '../../src/policy/replybudget.ts';

const HEADERS = 28;

/** Bytes, headers counted, that go out before the budget says no. */
function spent(budget: ReplyBudget, limits: ReplyLimits, size: number, most = 1000): number {
  let datagrams = 0;
  while (datagrams < most && budget.spend(limits, size)) datagrams += 1;
  return datagrams * (size + HEADERS);
}

test('an address that never answers gets so many bytes, and no more', (t) => {
  const limits = { unansweredBytes: 1280, replyRatio: 100 };
  t.is(spent(new ReplyBudget(), limits, 100), 1280);
  t.is(spent(new ReplyBudget(), limits, 612), 1280);
  t.is(spent(new ReplyBudget(), limits, 1253), 0);
});

test('empty datagrams count by their headers', (t) => {
  t.is(spent(new ReplyBudget(), { unansweredBytes: 280, replyRatio: 1 }, 0), 280);
});

test('each byte of an answer allows so many more', (t) => {
  const budget = new ReplyBudget();
  const limits = { unansweredBytes: 1280, replyRatio: 3 };
  spent(budget, limits, 100);
  budget.earn(100);
  t.is(spent(budget, limits, 100), 3 * 128);
});

test('a ratio of 0 sets no limit once there was an answer', (t) => {
  const budget = new ReplyBudget();
  const limits = { unansweredBytes: 1280, replyRatio: 0 };
  t.is(spent(budget, limits, 100), 1280);
  budget.earn(0);
  t.is(spent(budget, limits, 100), 128_000);
});

test('without a first limit there is none', (t) => {
  t.is(spent(new ReplyBudget(), { unansweredBytes: 0, replyRatio: 2 }, 100), 128_000);
});

test('the debt of one budget is taken off the next', (t) => {
  const limits = { unansweredBytes: 1280, replyRatio: 3 };
  const before = new ReplyBudget();
  t.is(before.debt(limits), 0);
  t.is(spent(before, limits, 100, 6), 768);
  before.earn(0);
  t.is(before.debt(limits), 768 - 3 * HEADERS);
  t.is(spent(new ReplyBudget(before.debt(limits)), limits, 0), 588);
  before.earn(1000);
  t.is(before.debt(limits), 0);
});

test('with a ratio of 0 any answer pays the debt', (t) => {
  const limits = { unansweredBytes: 1280, replyRatio: 0 };
  const budget = new ReplyBudget();
  spent(budget, limits, 100);
  t.is(budget.debt(limits), 1280);
  budget.earn(0);
  t.is(budget.debt(limits), 0);
});

test('whatever comes and goes, never is more sent than the limits say', (t) => {
  const step = fc.record({ kind: fc.constantFrom('spend', 'earn'), size: fc.nat(65_507) });
  const limits = fc.record({
    unansweredBytes: fc.integer({ min: 1, max: 100_000 }),
    replyRatio: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(
    fc.property(limits, fc.array(step), (given, steps) => {
      const budget = new ReplyBudget();
      let [sent, received] = [0, 0];
      for (const { kind, size } of steps) {
        if (kind === 'earn') {
          budget.earn(size);
          received += size + HEADERS;
        } else if (budget.spend(given, size)) {
          sent += size + HEADERS;
        }
        t.true(sent <= given.unansweredBytes + given.replyRatio * received);
      }
    }),
  );
});
