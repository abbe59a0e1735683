// Ids of sessions: unique over all workers, whether or not the parent answers.
import test from 'ava';
import { BLOCK, IdBlocks } from '../../../src/daemon/workers/ids.ts';

test('the next block is asked for once, before the present one is used up', (t) => {
  let asked = 0;
  const ids = new IdBlocks(1, { from: 1, to: 1 + BLOCK }, () => asked++);
  for (let id = 1; id <= BLOCK / 2; id++) t.is(ids.next(), id);
  t.is(asked, 0);
  for (let id = BLOCK / 2 + 1; id <= BLOCK; id++) t.is(ids.next(), id);
  t.is(asked, 1);
  ids.add({ from: 5001, to: 5001 + BLOCK });
  t.is(ids.next(), 5001);
});

test('a worker whose parent is silent goes on with ids that no other one has', (t) => {
  const [one, other] = [1, 2].map(
    (life) => new IdBlocks(life, { from: life, to: life + 1 }, () => undefined),
  );
  const given = [one!, other!].flatMap((ids) => [ids.next(), ids.next(), ids.next()]);
  t.is(new Set(given).size, given.length);
  t.true(given.every(Number.isSafeInteger));
});
