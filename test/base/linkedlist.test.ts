import test from 'ava';
import fc from 'fast-check';
import { LinkedList, type Link } from '../../src/base/linkedlist.ts';

test('items leave from where they are, the first, the last and one between', (t) => {
  const list = new LinkedList<string>();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((item) => list.append(item)) as [
    Link<string>,
    Link<string>,
    Link<string>,
    Link<string>,
  ];
  list.remove(b);
  t.deepEqual(list.items(), ['a', 'c', 'd']);
  list.remove(a);
  t.is(list.first, c);
  list.remove(d);
  t.deepEqual([list.items(), list.size], [['c'], 1]);
  list.remove(c);
  t.deepEqual([list.items(), list.size, list.first], [[], 0, undefined]);
  list.append('e');
  t.deepEqual(list.items(), ['e']);
});

test('what has left is left alone, and holds on to nobody', (t) => {
  const list = new LinkedList<string>();
  const [a, b] = [list.append('a'), list.append('b')];
  list.remove(a);
  list.remove(a);
  t.deepEqual([list.items(), list.size], [['b'], 1]);
  t.deepEqual([a.next, a.previous, b.previous], [undefined, undefined, undefined]);
});

test('it agrees with a Set, whoever comes and goes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (steps) => {
        const list = new LinkedList<number>();
        const links = new Map<number, Link<number>>();
        for (const item of steps) {
          const link = links.get(item);
          if (link === undefined) links.set(item, list.append(item));
          else list.remove(link);
          if (link !== undefined) links.delete(item);
        }
        return JSON.stringify([list.items(), list.size]) === JSON.stringify([[...links.keys()], links.size]);
      }),
    ),
  );
});
