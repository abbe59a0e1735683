import test from 'ava';
import { watchNearMisses } from '../../src/daemon/report/ways.ts';
import { route } from '../support/routes.ts';

test('a name that a route misses by a label is a warning, once for each route', (t) => {
  const records: string[] = [];
  const onNearMiss = watchNearMisses({
    write: (level, name, fields = {}) =>
      records.push(`${level} ${name} ${String(fields['dest'])} ${String(fields['route'])}`),
  });
  const one = route('wind.com any a 1');
  const other = route('test any a 1');
  onNearMiss(one, 'xwind.com');
  onNearMiss(one, 'ywind.com');
  onNearMiss(other, 'atest');
  t.deepEqual(records, [
    'warn route-missed xwind.com wind.com any a 1',
    'warn route-missed atest test any a 1',
  ]);
});
