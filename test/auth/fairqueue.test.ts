import test from 'ava';
import fc from 'fast-check';
import { FairQueue } from '../../src/auth/fairqueue.ts';

test('FairQueue serves its owners in turn', (t) => {
  const queue = new FairQueue<string>({ maxQueued: 10, maxQueuedPerOwner: 10 });
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) t.true(queue.push(item.charAt(0), item));
  const order = [];
  while (queue.size > 0) order.push(queue.shift());
  t.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  t.is(queue.shift(), undefined);
});

test('FairQueue lets a new owner wait for one item of each other owner at most', (t) => {
  const queue = new FairQueue<number>({ maxQueued: 100, maxQueuedPerOwner: 50 });
  for (let item = 0; item < 50; item++) queue.push('flood', item);
  queue.shift();
  queue.push('other', 1000);
  t.deepEqual([queue.shift(), queue.shift()], [1, 1000]);
});

test('FairQueue refuses what is over the bound of an owner or of all', (t) => {
  const queue = new FairQueue<number>({ maxQueued: 3, maxQueuedPerOwner: 2 });
  t.deepEqual(
    ['a', 'a', 'a', 'b', 'c'].map((owner, item) => queue.push(owner, item)),
    [true, true, false, true, false],
  );
  queue.shift();
  t.true(queue.push('c', 9));
});

test('FairQueue gives back each item once, those of one owner in their order', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (owners) => {
      const queue = new FairQueue<[string, number]>({ maxQueued: 1000, maxQueuedPerOwner: 1000 });
      for (const [at, owner] of owners.entries()) queue.push(owner, [owner, at]);
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
