// Members that share bytes per second, in virtual time.
import test from 'ava';
import type { Party } from '../../src/policy/facts/fact.ts';
import { RateParts } from '../../src/policy/limits/rateparts.ts';

const ANN: Party = { scope: 'user', name: 'ann' };
const RATE = 1000;
const TICK_MS = 250;

/** Members that want so many bytes per second; each tells the others after every look. */
class World {
  readonly wants: Map<string, number>;
  nowMs = 1000;
  readonly #members: ReadonlyMap<string, RateParts>;

  constructor(...names: readonly string[]) {
    this.wants = new Map(names.map((name) => [name, 0]));
    this.#members = new Map(names.map((name) => [name, new RateParts(() => this.nowMs)]));
  }

  /** The parts of all after one look, of those who want something. */
  look(): Map<string, number> {
    const parts = new Map<string, number>();
    for (const [name, member] of this.#members) {
      const demand = this.wants.get(name) ?? 0;
      member.begin();
      if (demand > 0) parts.set(name, member.partOf(RATE, ANN, 'down', demand));
    }
    for (const [name, { demands }] of this.#members) {
      for (const [other, member] of this.#members) if (other !== name) member.hear(name, demands);
    }
    this.nowMs += TICK_MS;
    return parts;
  }

  looks(count: number): Map<string, number> {
    let parts = new Map<string, number>();
    for (let left = count; left > 0; left--) parts = this.look();
    return parts;
  }
}

function sumOf(parts: ReadonlyMap<string, number>): number {
  return [...parts.values()].reduce((sum, part) => sum + part, 0);
}

test('a member alone has all of it, and members that want it all have equal parts', (t) => {
  const world = new World('1', '2', '3');
  world.wants.set('1', Infinity);
  t.is(world.looks(3).get('1'), RATE);
  world.wants.set('2', Infinity);
  world.wants.set('3', Infinity);
  t.deepEqual([...world.looks(8).values()].map(Math.round), [333, 333, 333]);
});

test('what one does not need goes to the others, and their sum is never more once they know of each other', (t) => {
  const world = new World('1', '2');
  world.wants.set('1', Infinity);
  world.wants.set('2', 100);
  world.looks(8);
  for (const [one, other] of [
    [Infinity, 100],
    [50, Infinity],
    [Infinity, Infinity],
    [Infinity, 10],
    [400, 900],
  ] as const) {
    world.wants.set('1', one);
    world.wants.set('2', other);
    // The first look is made before the change is known.
    world.look();
    for (let each = 0; each < 12; each++) t.true(sumOf(world.look()) <= RATE + 1e-6);
    const parts = world.look();
    t.true((parts.get('1') ?? 0) >= Math.min(one, RATE / 2) - 1e-6);
    t.true((parts.get('2') ?? 0) >= Math.min(other, RATE / 2) - 1e-6);
  }
});

test('a larger part is taken only when it has held for a while', (t) => {
  const world = new World('1', '2');
  world.wants.set('1', Infinity);
  world.wants.set('2', Infinity);
  t.is(world.looks(8).get('1'), RATE / 2);
  world.wants.set('2', 0);
  t.is(world.looks(2).get('1'), RATE / 2);
  t.is(world.looks(6).get('1'), RATE);
});

test('a member that is silent, or gone, wants nothing', (t) => {
  const [one, other] = [{ nowMs: 0 }, new World('2')];
  t.is(other.wants.size, 1);
  const parts = new RateParts(() => one.nowMs);
  parts.hear('2', [{ ...ANN, up: Infinity, down: Infinity }]);
  t.is(parts.firstPartOf(RATE, ANN, 'down'), RATE / 2);
  one.nowMs = 5000;
  t.is(parts.firstPartOf(RATE, ANN, 'down'), RATE);
  parts.hear('2', [{ ...ANN, up: Infinity, down: Infinity }]);
  parts.lose('2');
  t.is(parts.firstPartOf(RATE, ANN, 'down'), RATE);
});
