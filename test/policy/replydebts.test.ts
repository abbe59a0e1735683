// What was sent without an answer is never forgotten within its time.
import test from 'ava';
import fc from 'fast-check';
import { ReplyDebts, SLICES } from '../../src/policy/udp/replydebts.ts';
import { replyClientOf, replyKeyOf } from '../../src/policy/udp/replykey.ts';
import { ip } from '../support/ip.ts';

const CLIENT = replyClientOf(ip('192.0.2.1'));
const keyOf = (number: number) =>
  replyKeyOf(CLIENT, ip(`2001:db8::${(number >> 8).toString(16)}:${(number & 255).toString(16)}`));

test('what was added counts for three slices, and no longer', (t) => {
  const debts = new ReplyDebts();
  debts.add(keyOf(1), 100, 5);
  debts.add(keyOf(1), 20, 6);
  t.deepEqual(
    [6, 7, 8, 9].map((slice) => debts.of(keyOf(1), slice)),
    [120, 120, 20, 0],
  );
  t.is(debts.of(keyOf(2), 9), 0);
});

test('a long pause forgets everything', (t) => {
  const debts = new ReplyDebts();
  debts.add(keyOf(1), 100, 5);
  t.is(debts.of(keyOf(1), 5000), 0);
});

test('however much is added for however many keys, none counts as less than it is', (t) => {
  const step = fc.record({ key: fc.nat(40), bytes: fc.nat(70_000), pause: fc.constantFrom(0, 0, 0, 1, 2) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const debts = new ReplyDebts();
      const added: { readonly key: number; readonly bytes: number; readonly slice: number }[] = [];
      let slice = 0;
      for (const { key, bytes, pause } of steps) {
        slice += pause;
        debts.add(keyOf(key), bytes, slice);
        added.push({ key, bytes, slice });
        const sum = added
          .filter((each) => each.key === key && each.slice > slice - SLICES)
          .reduce((sum, each) => sum + each.bytes, 0);
        t.true(debts.of(keyOf(key), slice) >= sum);
      }
    }),
    { numRuns: 30 },
  );
});

test('100,000 keys hardly ever pay for each other', (t) => {
  const debts = new ReplyDebts();
  for (let key = 1; key <= 100_000; key++) debts.add(keyOf(key), 100, 0);
  let wrong = 0;
  for (let key = 1; key <= 100_000; key++) if (debts.of(keyOf(key), 0) > 100) wrong += 1;
  t.true(wrong < 15_000, `${wrong} count as more than they are`);
});
