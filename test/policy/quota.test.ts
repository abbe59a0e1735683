// Bytes of days and months, under a clock that tests set, in the local time of the machine.
import test from 'ava';
import { Usage } from '../../src/policy/limits/quota.ts';
import { limits } from '../support/limits.ts';

const ANN = { scope: 'user', name: 'ann' } as const;
const TABLE = limits('user day=100 month=250', 'client month=10');

/** October 2026, local time. */
function usageAt(day: number, hour = 12) {
  const clock = { now: new Date(2026, 9, day, hour) };
  return { usage: new Usage(() => clock.now.getTime()), clock };
}

test('bytes are counted where there is a quota, and only there', (t) => {
  const { usage } = usageAt(5);
  usage.add(TABLE, ANN, 30);
  usage.add(TABLE, ANN, 12);
  usage.add(TABLE, { scope: 'group', name: 'staff' }, 5);
  usage.add(TABLE, { scope: 'user', name: 'ben' }, 0);
  t.deepEqual([...usage.uses()], [{ ...ANN, day: '2026-10-05', dayBytes: 42, monthBytes: 42 }]);
});

test('a quota is exhausted from its last byte on', (t) => {
  const { usage } = usageAt(5);
  usage.add(TABLE, ANN, 99);
  t.is(usage.exhausted(TABLE, ANN), undefined);
  usage.add(TABLE, ANN, 1);
  t.is(usage.exhausted(TABLE, ANN)?.text, 'user day=100 (test.conf:1)');
  t.is(usage.exhausted(limits(), ANN), undefined);
  t.is(usage.exhausted(limits('user:ann day=0', 'user day=100'), ANN), undefined);
});

test('a day begins at midnight of local time, and a month with it', (t) => {
  const { usage, clock } = usageAt(30, 23);
  usage.add(TABLE, ANN, 100);
  clock.now = new Date(2026, 9, 30, 23, 59, 59, 999);
  t.truthy(usage.exhausted(TABLE, ANN));
  clock.now = new Date(2026, 9, 31);
  t.is(usage.exhausted(TABLE, ANN), undefined);
  usage.add(TABLE, ANN, 99);
  t.like(usage.of(ANN), { dayBytes: 99, monthBytes: 199 });
  usage.add(TABLE, ANN, 51);
  clock.now = new Date(2026, 10, 1);
  t.like(usage.of(ANN), { day: '2026-11-01', dayBytes: 0, monthBytes: 0 });
});

test('the quota of the month holds when that of the day is new', (t) => {
  const { usage, clock } = usageAt(5);
  usage.add(TABLE, ANN, 250);
  clock.now = new Date(2026, 9, 6);
  t.is(usage.exhausted(TABLE, ANN)?.text, 'user month=250 (test.conf:1)');
});

test('the same month of another year is another month', (t) => {
  const { usage, clock } = usageAt(5);
  usage.add(TABLE, ANN, 250);
  clock.now = new Date(2027, 9, 5);
  t.is(usage.exhausted(TABLE, ANN), undefined);
});

test('what list() gives is restored, and what is over is not listed', (t) => {
  const { usage } = usageAt(5);
  usage.add(TABLE, ANN, 42);
  const { usage: later, clock } = usageAt(6);
  for (const use of usage.uses()) later.restore(use);
  t.like(later.of(ANN), { dayBytes: 0, monthBytes: 42 });
  t.is([...later.uses()].length, 1);
  clock.now = new Date(2026, 10, 1);
  t.deepEqual([...later.uses()], []);
});

test('clients beyond a number are forgotten, those that moved nothing for longest first, and no user for them', (t) => {
  const { usage } = usageAt(5);
  usage.add(TABLE, ANN, 1);
  for (let each = 0; each < 65_537; each++) usage.add(TABLE, { scope: 'client', name: `c${each}` }, 1);
  t.is(usage.of({ scope: 'client', name: 'c0' }).monthBytes, 0);
  t.is(usage.of({ scope: 'client', name: 'c1' }).monthBytes, 1);
  t.is(usage.of(ANN).monthBytes, 1);
});

test('a quota is spent for live sessions where they can hardly share what is left, and nothing is where there is none', (t) => {
  const { usage } = usageAt(5);
  const table = limits('user day=1M');
  t.false(usage.isSpent(limits(), ANN, 3));
  t.false(usage.isSpent(limits('user duration=1h'), ANN, 3));
  t.is(usage.left(limits(), ANN), Infinity);
  usage.add(table, ANN, 2 ** 20 - 1024 - 4);
  t.is(usage.left(table, ANN), 1028);
  t.false(usage.isSpent(table, ANN, 3));
  t.true(usage.isSpent(table, ANN, 4));
  t.is(usage.exhausted(table, ANN), undefined);
  usage.add(table, ANN, 4);
  t.is(usage.exhausted(table, ANN)?.text, 'user day=1M (test.conf:1)');
});

test('a clock that is set back gives nobody a new quota, and is told once a day', (t) => {
  const { usage, clock } = usageAt(5);
  const told: string[] = [];
  usage.whenSetBack((latest, today) => told.push(`${latest} ${today}`));
  usage.add(TABLE, ANN, 100);
  clock.now = new Date(2026, 8, 30, 12);
  t.truthy(usage.exhausted(TABLE, ANN));
  usage.add(TABLE, ANN, 7);
  t.deepEqual([...usage.uses()], [{ ...ANN, day: '2026-10-05', dayBytes: 107, monthBytes: 107 }]);
  t.deepEqual(told, ['2026-10-05 2026-09-30']);
  // Who came only now is counted by the clock as it is.
  usage.add(TABLE, { scope: 'user', name: 'ben' }, 7);
  t.like(usage.of({ scope: 'user', name: 'ben' }), { day: '2026-09-30', monthBytes: 7 });
  clock.now = new Date(2026, 9, 1, 12);
  t.truthy(usage.exhausted(TABLE, ANN));
  t.deepEqual(told, ['2026-10-05 2026-09-30', '2026-10-05 2026-10-01']);
  clock.now = new Date(2026, 9, 6, 12);
  t.like(usage.of(ANN), { day: '2026-10-06', dayBytes: 0, monthBytes: 107 });
});
