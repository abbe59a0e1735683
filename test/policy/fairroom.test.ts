// What must hold of a room that many share, whatever they do.
import test from 'ava';
import fc from 'fast-check';
import { FairRoom, type PlaceNumber } from '../../src/policy/room/fairroom.ts';
import { CLIENTS, Model, client, gives, ownerAt } from '../support/fairrooms.ts';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const), client }) },
  fc.record({ kind: fc.constantFrom('release' as const, 'touch' as const), nth: fc.nat(100) }),
);

function nthPlace(model: Model, nth: number): PlaceNumber | undefined {
  return [...model.kept.keys()][nth % Math.max(1, model.kept.size)];
}

test('the sum is what is held and never above the bound', (t) => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.integer({ min: 1, max: 12 }),
      gives,
      (steps, max, which) => {
        const model = new Model({ max, gives: which });
        for (const each of steps) {
          if (each.kind === 'take') model.take(ownerAt(each.client));
          else {
            const place = nthPlace(model, each.nth);
            if (place === undefined) continue;
            model.room[each.kind](place);
            if (each.kind === 'release') model.kept.delete(place);
          }
          t.true(model.room.held <= max);
          t.is(model.room.held, model.sum);
          for (const owner of CLIENTS) t.is(model.room.heldBy(owner), model.heldBelow(owner));
        }
      },
    ),
  );
});

test('a client that holds nothing is refused only where nobody holds two', (t) => {
  fc.assert(
    fc.property(
      fc.array(client, { maxLength: 80 }),
      fc.integer({ min: 1, max: 12 }),
      gives,
      (clients, max, which) => {
        const model = new Model({ max, gives: which });
        for (const at of clients) {
          const owner = ownerAt(at);
          const isNew = model.heldBelow(owner) === 0;
          const largest = Math.max(0, ...model.parts([]).values());
          const taken = model.take(owner) !== undefined;
          if (isNew && !taken) t.true(largest < 2, `${String(owner)} was refused beside ${largest}`);
        }
      },
    ),
  );
});

test('what a client may hold by itself is bounded, too', (t) => {
  for (const [which, kept] of [
    ['newest', [0, 1]],
    ['oldest', [2, 3]],
  ] as const) {
    const gone: PlaceNumber[] = [];
    const room = new FairRoom({
      max: 10,
      maxPerClient: 2,
      gives: which,
      gaveWay: (place) => gone.push(place),
    });
    const owner = ownerAt(0);
    const taken = [0, 1, 2, 3].map(() => room.take(owner));
    t.is(room.heldBy(owner), 2);
    // The places of those that gave way are used again.
    t.is(taken.filter((place) => place !== undefined).length, which === 'newest' ? 2 : 4);
    t.is(gone.length, which === 'newest' ? 0 : kept.length);
  }
});

test('sizes count, and a place that grows drives out those of the largest, never itself', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ client, size: fc.integer({ min: 0, max: 9 }), nth: fc.nat(100) }), {
        maxLength: 60,
      }),
      gives,
      (steps, which) => {
        const model = new Model({ max: 20, gives: which });
        for (const { client: at, size, nth } of steps) {
          model.take(ownerAt(at), size);
          const place = nthPlace(model, nth);
          const kept = place === undefined ? undefined : model.kept.get(place);
          if (place === undefined || kept === undefined) continue;
          const fits = model.room.resize(place, size + 1);
          t.true(model.kept.has(place));
          if (fits) kept.size = size + 1;
          t.true(model.room.held <= 20);
          t.is(model.room.held, model.sum);
        }
      },
    ),
  );
});
