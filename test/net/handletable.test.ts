import test from 'ava';
import fc from 'fast-check';
import { HandleTable } from '../../src/net/engine/handletable.ts';

const USE = 1 << 20;

const filled = (...handles: number[]) => {
  const table = new HandleTable<{ readonly handle: number }>();
  for (const handle of handles) table.add({ handle });
  return table;
};

test('an item is found by its handle, whatever came before it', (t) => {
  const table = filled(5, 3, 2 * USE + 4);
  t.deepEqual(
    [5, 3, 2 * USE + 4].map((handle) => table.get(handle)?.handle),
    [5, 3, 2 * USE + 4],
  );
  t.deepEqual(
    table.list().map(({ handle }) => handle),
    [3, 2 * USE + 4, 5],
  );
});

test('a stale handle stands for nothing, and takes nothing away from its successor', (t) => {
  const table = filled(7, USE + 7);
  t.is(table.get(7), undefined);
  table.remove(7);
  t.is(table.get(USE + 7)?.handle, USE + 7);
  table.remove(USE + 7);
  t.is(table.get(USE + 7), undefined);
  t.deepEqual(table.list(), []);
});

test('a handle that was never given stands for nothing', (t) => {
  const table = filled(1);
  t.is(table.get(0), undefined);
  t.is(table.get(1000), undefined);
  table.remove(1000);
  t.is(table.list().length, 1);
});

test('it agrees with a Map by index, whatever is done', (t) => {
  const step = fc.record({ index: fc.nat(40), use: fc.nat(3), isAdded: fc.boolean() });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const table = new HandleTable<{ readonly handle: number }>();
        const model = new Map<number, number>();
        for (const { index, use, isAdded } of steps) {
          const handle = use * USE + index;
          if (isAdded) {
            table.add({ handle });
            model.set(index, handle);
          } else {
            table.remove(handle);
            if (model.get(index) === handle) model.delete(index);
          }
        }
        const listed = table.list().map(({ handle }) => handle);
        const expected = [...model].sort(([a], [b]) => a - b).map(([, handle]) => handle);
        return JSON.stringify(listed) === JSON.stringify(expected);
      }),
    ),
  );
});
