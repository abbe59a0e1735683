import test from 'ava';
import fc from 'fast-check';
import { FairTable } from '../../src/policy/room/fairtable.ts';
import type { Owner } from '../../src/policy/room/owner.ts';

const OWNERS: readonly Owner[] = [['one'], ['two', 'left'], ['two', 'right'], ['three']];
const key = fc.integer({ min: 0, max: 30 }).map(String);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('put' as const), key, owner: fc.nat(3) }) },
  fc.record({ does: fc.constant('delete' as const), key, owner: fc.constant(0) }),
);

test('what was put in is there, the oldest first, until its owner has most in a full table', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 12 }), (steps, max) => {
      const table = new FairTable<number>(max);
      const model = new Map<string, { value: number; owner: string }>();
      for (const [value, { does, key: name, owner }] of steps.entries()) {
        const networks = OWNERS[owner]!;
        if (does === 'delete') {
          t.is(table.delete(name), model.delete(name));
          continue;
        }
        model.delete(name);
        const held = new Map<string, number>();
        for (const { owner: each } of model.values()) held.set(each, (held.get(each) ?? 0) + 1);
        table.put(networks, name, value);
        model.set(name, { value, owner: networks[0]! });
        const gone = [...model.keys()].filter((each) => table.get(each) === undefined);
        t.is(gone.length, model.size > max ? 1 : 0);
        if (gone.length > 0) {
          const { owner: loser } = model.get(gone[0]!)!;
          const own = loser === networks[0] ? 1 : 0;
          t.true((held.get(loser) ?? 0) + own >= Math.max(...held.values()));
          model.delete(gone[0]!);
        }
        t.is(table.get(name), value);
      }
      t.is(table.size, model.size);
      t.deepEqual(
        table.entries(),
        [...model].map(([name, { value }]) => [name, value]),
      );
    }),
  );
});

test('a full table takes a newcomer, whoever has made it full', (t) => {
  const table = new FairTable<string>(3);
  for (const name of ['a', 'b', 'c', 'd']) table.put([name], name, name);
  t.deepEqual(
    table.entries().map(([name]) => name),
    ['b', 'c', 'd'],
  );
  table.put(['b'], 'b', 'again');
  table.put(['e'], 'e', 'e');
  t.deepEqual(
    table.entries().map(([name]) => name),
    ['d', 'b', 'e'],
  );
});
