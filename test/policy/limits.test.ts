import test from 'ava';
import { limitsOf, type Limits } from '../../src/policy/limits/limits.ts';
import { limits } from '../support/limits.ts';

const M = 2 ** 20;

/** Values of the keys that are set. */
function values(found: Limits): Record<string, number> {
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, limit]) => (limit === undefined ? [] : [[key, limit.value]])),
  );
}

test('limitsOf() gives nobody a limit where there is no line', (t) => {
  for (const scope of ['total', 'client', 'user', 'group'] as const) {
    t.deepEqual(values(limitsOf(limits(), { scope, name: 'x' })), {});
  }
});

test('later lines win, value by value', (t) => {
  const table = limits('client sessions=1 rate=2', 'client sessions=3', 'user sessions=9');
  t.deepEqual(values(limitsOf(table, { scope: 'client', name: '192.0.2.1' })), { sessions: 3, rate: 2 });
});

test('a line with a name wins over those without, wherever it stands, and 0 lifts a limit', (t) => {
  const table = limits('user:ann down=10M sessions=0', 'user sessions=5 down=1M day=9');
  t.deepEqual(values(limitsOf(table, { scope: 'user', name: 'ann' })), { down: 10 * M, day: 9 });
  t.deepEqual(values(limitsOf(table, { scope: 'user', name: 'ben' })), { sessions: 5, down: M, day: 9 });
  t.deepEqual(values(limitsOf(table, { scope: 'group', name: 'ann' })), {});
});

test('a limit says which words stand where', (t) => {
  const table = limits('client rate=2', 'user sessions=5', 'user:ann up=3M');
  const ann = limitsOf(table, { scope: 'user', name: 'ann' });
  t.is(ann.up?.text, 'user:ann up=3M (test.conf:3)');
  t.is(ann.sessions?.text, 'user sessions=5 (test.conf:2)');
});

test('what has to be watched follows from what is limited', (t) => {
  t.deepEqual(limits('client sessions=2 rate=1').watch, { rates: false, amounts: false, quotas: false });
  t.deepEqual(limits('group:x up=1').watch, { rates: true, amounts: false, quotas: false });
  t.deepEqual(limits('user duration=1h').watch, { rates: false, amounts: true, quotas: false });
  t.deepEqual(limits('total month=1 down=0').watch, { rates: false, amounts: true, quotas: true });
});
