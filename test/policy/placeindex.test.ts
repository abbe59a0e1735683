// An index of places does what a map does.
import test from 'ava';
import fc from 'fast-check';
import { PlaceIndex } from '../../src/policy/room/placeindex.ts';

const keyOf = (number: number): Int32Array => Int32Array.of(number, -number, 7);

test('it finds what was put in, and nothing that was removed', (t) => {
  const step = fc.record({ place: fc.nat(100), key: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const index = new PlaceIndex(3);
      const model = new Map<number, number>();
      for (const { place, key } of steps) {
        if (model.delete(place)) index.remove(place);
        else {
          index.put(place, keyOf(key));
          model.set(place, key);
        }
        const found = index.find(keyOf(key));
        const isKnown = [...model.values()].includes(key);
        t.is(isKnown ? model.get(found) : found, isKnown ? key : -1);
        t.is(index.isAt(place, keyOf(key)), model.get(place) === key);
      }
      for (const [place, key] of model) t.is(model.get(index.find(keyOf(key))), key, String(place));
    }),
  );
});

test('of places with one key the last is found', (t) => {
  const index = new PlaceIndex(3);
  for (let place = 0; place < 10; place++) index.put(place, keyOf(1));
  t.is(index.find(keyOf(1)), 9);
  index.remove(9);
  index.remove(4);
  t.is(index.find(keyOf(1)), 8);
});
