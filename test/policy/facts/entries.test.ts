// Entries as facts: whatever a carrier does with them, all who have seen the same changes hold the same.
import test from 'ava';
import fc from 'fast-check';
import { Entries, type Held } from '../../../src/policy/facts/entries.ts';
import type { EntryFact } from '../../../src/policy/facts/fact.ts';

const NOW = 1_000_000;

/** Entries over a plain table, with a clock that the test moves. */
function start(now = NOW) {
  const clock = { now };
  const table = new Map<string, Held>();
  const entries = new Entries(() => clock.now, {
    held: () => [...table.values()].filter(({ endsAt }) => endsAt > clock.now),
    endOf: (name) => table.get(name)?.endsAt,
    put: ({ name, value, endsAt }) => void table.set(name, { name, value, endsAt }),
    remove: (name) => void table.delete(name),
  });
  const put = (name: string, endsAt: number, value = '') => {
    table.set(name, { name, value, endsAt });
    entries.set(name, value, endsAt);
  };
  const remove = (name: string) => {
    entries.removed(name, table.get(name)?.endsAt ?? 0);
    table.delete(name);
  };
  const held = () => [...table.values()].sort((one, other) => one.name.localeCompare(other.name));
  return { clock, entries, put, remove, held };
}

const fact = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('x', 'y'),
  // Few of each, so that many are equal but for one thing.
  endsAt: fc.constantFrom(NOW - 500, NOW + 100, NOW + 900),
  stamp: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom('holds' as const, 'removed' as const),
});

function merged(facts: readonly EntryFact[]) {
  const { entries, held } = start();
  for (const each of facts) entries.merge(each);
  return held();
}

test('merging is commutative, associative and idempotent', (t) => {
  const schedule = fc.array(fact, { maxLength: 12 }).chain((facts) =>
    fc.record({
      facts: fc.constant(facts),
      // Each at least once, in any order, and some again.
      other: fc
        .tuple(fc.shuffledSubarray(facts, { minLength: facts.length }), fc.subarray(facts))
        .map(([all, again]) => [...all, ...again]),
    }),
  );
  fc.assert(fc.property(schedule, ({ facts, other }) => t.deepEqual(merged(other), merged(facts))));
});

test('through any one between them members come to hold the same', (t) => {
  const grouped = fc.array(fact, { maxLength: 12 });
  fc.assert(
    fc.property(grouped, grouped, (mine, yours) => {
      const [one, other, between] = [start(), start(), start()];
      for (const each of mine) one.entries.merge(each);
      for (const each of yours) other.entries.merge(each);
      for (const { entries } of [other, one])
        for (const each of entries.changes()) between.entries.merge(each);
      for (const { entries } of [one, other])
        for (const each of [...between.entries.all()]) entries.merge(each);
      t.deepEqual(one.held(), other.held());
      t.deepEqual(one.held(), merged([...mine, ...yours]));
    }),
  );
});

test('a change that was made in knowledge of another one wins, whatever the clocks say', (t) => {
  const [ahead, behind] = [start(NOW), start(NOW - 500_000)];
  ahead.entries.follow();
  behind.entries.follow();
  ahead.put('client', NOW + 9000);
  const [ban] = ahead.entries.changes();
  behind.entries.merge(ban!);
  behind.remove('client');
  const [, unban] = [ban, ...behind.entries.changes()];
  ahead.entries.merge(unban!);
  ahead.entries.merge(ban!);
  t.deepEqual(ahead.held(), []);
});

test('of those whose time nobody knows, as in a file, the one that ends last holds, and any known change wins', (t) => {
  const { entries, put, remove, held } = start();
  const saved = (endsAt: number) => ({ name: 'a', value: '', endsAt, stamp: 0, state: 'holds' as const });
  for (const endsAt of [NOW + 2, NOW + 3, NOW + 1]) entries.merge(saved(endsAt));
  t.deepEqual(held(), [{ name: 'a', value: '', endsAt: NOW + 3 }]);
  entries.follow();
  put('a', NOW + 1);
  entries.merge(saved(NOW + 9));
  t.is(held()[0]?.endsAt, NOW + 1);
  remove('a');
  entries.merge(saved(NOW + 9));
  t.deepEqual(held(), []);
});

test('nothing is remembered while no carrier follows', (t) => {
  const { entries, put, remove } = start();
  put('a', NOW + 1000);
  remove('a');
  put('b', NOW + 1000);
  t.is(entries.size, 0);
  t.deepEqual(
    [...entries.all()].map(({ name, stamp }) => [name, stamp]),
    [['b', 0]],
  );
});

test('changes are told once, the latest of each name, and what was taken back is told to newcomers', (t) => {
  const { entries, put, remove } = start();
  entries.follow();
  put('a', NOW + 1000);
  put('a', NOW + 2000);
  put('b', NOW + 1000);
  remove('b');
  const told = entries.changes().map(({ name, endsAt, state }) => `${name} ${state} ${endsAt - NOW}`);
  t.deepEqual(told, ['a holds 2000', 'b removed 1000']);
  t.deepEqual(entries.changes(), []);
  t.deepEqual(
    [...entries.all()].map(({ name, state }) => `${name} ${state}`),
    ['a holds', 'b removed'],
  );
});

test('changes are forgotten an hour after they have ended, and what is older is no news', (t) => {
  const { clock, entries, put, held } = start();
  entries.follow();
  for (let at = 0; at < 1000; at++) put(String(at), NOW + 1000);
  const [old] = entries.changes();
  clock.now = NOW + 1000 + 3_599_999;
  for (let at = 0; at < 9; at++) entries.changes();
  t.is(entries.size, 1000);
  clock.now += 1;
  for (let at = 0; at < 9; at++) entries.changes();
  t.is(entries.size, 0);
  entries.merge({ ...old!, name: 'new', stamp: NOW * 2 });
  t.false(held().some(({ name }) => name === 'new'));
});

test('there are no more changes than have room, whoever makes them', (t) => {
  const { entries } = start();
  for (let at = 0; at < 65_536 + 10; at++) {
    entries.merge({ name: String(at), value: '', endsAt: NOW + 1, stamp: NOW + at, state: 'removed' });
  }
  t.is(entries.size, 65_536);
  t.is(entries.changes().length, 65_536);
});
