import test from 'ava';
import fc from 'fast-check';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { RecordBudget, type Together } from '../../src/policy/room/recordbudget.ts';
import { ip } from '../support/ip.ts';

const PLAN = { perClient: 3, perNetwork: 5, inAll: 9 };
const ONE = ownerOf(ip('192.0.2.1'));

/** Who, and what by cause. */
function shown(together: readonly Together[]): [string | undefined, Record<string, number>][] {
  return together.map(({ who, counts }) => [who, Object.fromEntries(counts)]);
}

test('the first events of a client have records of their own, the others are told together by cause', (t) => {
  const budget = new RecordBudget(PLAN);
  const causes = ['a', 'b', 'a', 'b', 'c', 'b'];
  t.deepEqual(
    causes.map((cause, at) => budget.take(ONE, cause, at)),
    [true, true, true, false, false, false],
  );
  const [together, ...rest] = budget.end();
  t.deepEqual(shown([together!]), [['192.0.2.1', { b: 2, c: 1 }]]);
  t.deepEqual([together!.count, together!.sinceMs, rest], [3, 3, []]);
});

test('the next interval begins anew', (t) => {
  const budget = new RecordBudget(PLAN);
  for (let each = 0; each < 4; each++) budget.take(ONE, 'a', each);
  budget.end();
  t.true(budget.take(ONE, 'a', 10));
  t.deepEqual(budget.end(), []);
});

test('an event that stands for several counts as so many', (t) => {
  const budget = new RecordBudget({ ...PLAN, perClient: 0 });
  budget.take(ONE, 'a', 0);
  t.true(new RecordBudget(PLAN).take(ONE, 'a', 0, 7));
  const full = new RecordBudget({ ...PLAN, perClient: 1 });
  full.take(ONE, 'a', 0);
  t.false(full.take(ONE, 'a', 1, 7));
  t.is(full.end()[0]?.count, 7);
});

test('many addresses of one network are told together, and those of others still one by one', (t) => {
  const budget = new RecordBudget(PLAN);
  const told = (text: string) => budget.take(ownerOf(ip(text)), 'a', 0);
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].map((at) => told(`2001:db8:0:${at}::1`)),
    [true, true, true, true, true, false, false],
  );
  t.true(told('2001:db8:1::1'));
  t.true(told('192.0.2.1'));
  t.deepEqual(shown(budget.end()), [['2001:db8::/56', { a: 2 }]]);
});

test('where all networks together are too many, the rest is told together', (t) => {
  const budget = new RecordBudget(PLAN);
  const told = Array.from({ length: 20 }, (_, at) => budget.take(ownerOf(ip(`10.0.${at}.1`)), 'a', at));
  t.is(told.filter(Boolean).length, PLAN.inAll);
  t.deepEqual(shown(budget.end()), [[undefined, { a: 11 }]]);
});

const clients = fc
  .tuple(fc.boolean(), fc.nat(3), fc.nat(3), fc.nat(3))
  .map(([is6, one, two, three]) =>
    ip(is6 ? `2001:db8:${one}:${two}0${three}::1` : `10.${one}.${two}.${three}`),
  );
const events = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ client: clients, cause: fc.constantFrom('a', 'b', 'c') }) },
    { weight: 1, arbitrary: fc.constant('end' as const) },
  ),
  { maxLength: 300 },
);
const plans = fc.record({
  perClient: fc.integer({ min: 1, max: 4 }),
  perNetwork: fc.integer({ min: 1, max: 8 }),
  inAll: fc.integer({ min: 1, max: 30 }),
});

test('each event is told or counted exactly once, and no bound is exceeded, whatever comes', (t) => {
  fc.assert(
    fc.property(plans, events, (plan, all) => {
      const budget = new RecordBudget(plan);
      const made = new Map<string, number>();
      const written = new Map<string, number>();
      let told = new Map<string, number>();
      const add = (counts: Map<string, number>, key: string, count = 1) =>
        counts.set(key, (counts.get(key) ?? 0) + count);
      const end = () => {
        const together = budget.end();
        for (const each of together) {
          for (const [cause, count] of each.counts) add(written, cause, count);
          t.is(
            each.count,
            [...each.counts.values()].reduce((sum, count) => sum + count),
          );
        }
        const single = told.get('all') ?? 0;
        const most = single / plan.perClient + (2 * single) / plan.perNetwork + 1;
        t.true(together.length <= most, `${together.length} after ${single}`);
        told = new Map();
      };
      for (const [at, event] of all.entries()) {
        if (event === 'end') {
          end();
          continue;
        }
        const owner = ownerOf(event.client);
        add(made, event.cause);
        if (!budget.take(owner, event.cause, at)) continue;
        add(written, event.cause);
        add(told, 'all');
        for (const name of owner) add(told, name);
        t.true(told.get('all')! <= plan.inAll);
        t.true(told.get(owner.at(-1)!)! <= plan.perClient);
        for (const name of owner.slice(0, -1)) t.true(told.get(name)! <= plan.perNetwork);
      }
      end();
      t.deepEqual(new Map([...written].sort()), new Map([...made].sort()));
    }),
  );
});
