// Bytes that other members have counted: they never count twice, and never get less.
import test from 'ava';
import fc from 'fast-check';
import type { BytesFact, Party } from '../../../src/policy/facts/fact.ts';
import { laterBytes, OtherBytes } from '../../../src/policy/facts/otherbytes.ts';
import { compileLimits } from '../../../src/policy/limits/limits.ts';
import { Usage } from '../../../src/policy/limits/quota.ts';

const ANN: Party = { scope: 'user', name: 'ann' };
const TODAY = '2026-10-05';
const NOON = new Date(2026, 9, 5, 12).getTime();

const bytes = fc.record({
  scope: fc.constant('user' as const),
  name: fc.constant('ann'),
  day: fc.constantFrom('2026-09-30', '2026-10-04', TODAY),
  dayBytes: fc.nat(9),
  monthBytes: fc.nat(9),
});

test('laterBytes() is commutative, associative and idempotent', (t) => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (one, other, third) => {
      t.deepEqual(laterBytes(one, other), laterBytes(other, one));
      t.deepEqual(laterBytes(laterBytes(one, other), third), laterBytes(one, laterBytes(other, third)));
      t.is(laterBytes(one, one), one);
      t.deepEqual(laterBytes(laterBytes(one, other), other), laterBytes(one, other));
    }),
  );
});

test('in any order, and as often as they are brought, counts give one sum, which never falls in a day', (t) => {
  const told = fc.array(fc.tuple(fc.constantFrom('m', 'n'), bytes), { maxLength: 10 });
  const schedules = told.chain((facts) =>
    fc
      .tuple(fc.shuffledSubarray(facts, { minLength: facts.length }), fc.subarray(facts))
      .map(([all, again]) => ({ facts, schedule: [...all, ...again] })),
  );
  const sumOf = (facts: readonly (readonly [string, BytesFact])[]) => {
    const others = new OtherBytes();
    for (const [member, fact] of facts) {
      const before = others.of(ANN, TODAY).dayBytes;
      others.merge(member, fact);
      t.true(others.of(ANN, TODAY).dayBytes >= before);
    }
    return others.of(ANN, TODAY);
  };
  fc.assert(fc.property(schedules, ({ facts, schedule }) => t.deepEqual(sumOf(schedule), sumOf(facts))));
});

test('only the day and the month that are asked about count', (t) => {
  const others = new OtherBytes();
  for (const [member, day] of [
    ['m', TODAY],
    ['n', '2026-10-04'],
    ['o', '2026-09-05'],
  ] as const) {
    others.merge(member, { ...ANN, day, dayBytes: 1, monthBytes: 10 });
  }
  t.deepEqual(others.of(ANN, TODAY), { dayBytes: 1, monthBytes: 20 });
  t.deepEqual(others.of({ scope: 'group', name: 'ann' }, TODAY), { dayBytes: 0, monthBytes: 0 });
});

test('there are no more counts than have room, and the one that has not changed for longest goes', (t) => {
  const others = new OtherBytes();
  const of = (name: string): BytesFact => ({ scope: 'user', name, day: TODAY, dayBytes: 1, monthBytes: 1 });
  for (let at = 0; at < 262_144; at++) others.merge('m', of(String(at)));
  others.merge('m', { ...of('0'), dayBytes: 2 });
  others.merge('m', of('one more'));
  t.is(others.size, 262_144);
  const dayBytesOf = (name: string) => others.of({ scope: 'user', name }, TODAY).dayBytes;
  t.deepEqual(['0', '1', '2', 'one more'].map(dayBytesOf), [2, 0, 1, 1]);
});

test('a quota is what all members have left of it, and a member whose bytes come back to it counts them once', (t) => {
  const table = compileLimits([{ scope: 'user', name: undefined, values: { day: 100_000 }, origin: {} }]);
  const [here, there] = [new Usage(() => NOON), new Usage(() => NOON)];
  for (const each of [here, there]) each.follow();
  const tell = (from: Usage, member: string, to: Usage) => {
    const changes = from.changes();
    for (const use of changes) to.others.merge(member, use);
    return changes;
  };
  here.add(table, ANN, 60_000);
  there.add(table, ANN, 30_000);
  t.deepEqual([here.left(table, ANN), there.left(table, ANN)], [40_000, 70_000]);
  const [own] = tell(here, 'here', there);
  tell(there, 'there', here);
  t.deepEqual([here.left(table, ANN), there.left(table, ANN)], [10_000, 10_000]);
  t.deepEqual(here.changes(), []);
  here.restore(own!);
  here.restore({ ...own!, dayBytes: 1, monthBytes: 1 });
  t.is(here.left(table, ANN), 10_000);
  const again = new Usage(() => NOON);
  again.restore(own!);
  t.is(again.left(table, ANN), 40_000);
  here.add(table, ANN, 10_000);
  t.is(here.exhausted(table, ANN)?.value, 100_000);
  t.deepEqual(
    [...here.uses()].map(({ dayBytes }) => dayBytes),
    [70_000],
    'the file keeps its own alone',
  );
});
