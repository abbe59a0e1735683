import test from 'ava';
import fc from 'fast-check';
import { FairQueue } from '../../src/policy/room/fairqueue.ts';

function queueOf<T>(max: number, maxPerClient: number): FairQueue<T> {
  return new FairQueue<T>({ max, maxPerClient, gaveWay: () => undefined });
}

test('FairQueue serves its owners in turn', (t) => {
  const queue = queueOf<string>(10, 10);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) t.true(queue.push([item.charAt(0)], item));
  const order = [];
  while (queue.size > 0) order.push(queue.shift());
  t.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  t.is(queue.shift(), undefined);
});

test('FairQueue lets a new owner wait for one item of each other owner at most', (t) => {
  const queue = queueOf<number>(100, 50);
  for (let item = 0; item < 50; item++) queue.push(['flood'], item);
  queue.shift();
  queue.push(['other'], 1000);
  t.deepEqual([queue.shift(), queue.shift()], [1, 1000]);
});

test('FairQueue refuses what is over the bound of an owner or of all', (t) => {
  const queue = queueOf<number>(3, 2);
  t.deepEqual(
    ['a', 'a', 'a', 'b', 'a'].map((owner, item) => queue.push([owner], item)),
    [true, true, false, true, false],
  );
  queue.shift();
  t.true(queue.push(['b'], 9));
  t.false(queue.push(['b'], 10));
});

test('FairQueue lets the newest item of the network with most give way to a newcomer', (t) => {
  const gone: string[] = [];
  const queue = new FairQueue<string>({ max: 4, maxPerClient: 2, gaveWay: (item) => gone.push(item) });
  for (const item of ['n/a1', 'n/a2', 'n/b1', 'n/b2', 'o/c1', 'p/d1', 'q/e1'])
    queue.push([item.slice(0, 1), item.slice(0, 3)], item);
  t.is(gone.length, 3);
  t.true(
    gone.every((item) => item.startsWith('n/')),
    gone.join(),
  );
  t.is(gone.filter((item) => item.endsWith('1')).length, 1);
  t.deepEqual(
    [1, 2, 3, 4].map(() => queue.shift()?.charAt(0)),
    ['n', 'o', 'p', 'q'],
  );
});

test('FairQueue gives back each item once, those of one owner in their order', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (owners) => {
      const queue = queueOf<[string, number]>(1000, 1000);
      for (const [at, owner] of owners.entries()) queue.push([owner], [owner, at]);
      const served = owners.map(() => queue.shift() ?? ['', -1]);
      for (const name of ['a', 'b', 'c']) {
        const mine = served.filter(([owner]) => owner === name).map(([, at]) => Number(at));
        t.deepEqual(
          mine,
          mine.toSorted((x, y) => x - y),
        );
        t.is(mine.length, owners.filter((owner) => owner === name).length);
      }
    }),
  );
});
