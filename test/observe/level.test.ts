import test from 'ava';
import { priorityOf, takesLevel } from '../../src/observe/lines/level.ts';

const LEVELS = ['err', 'warn', 'notice', 'info', 'debug'] as const;

test('takesLevel() takes a level and all that are graver, and none takes nothing', (t) => {
  for (const [at, threshold] of LEVELS.entries()) {
    for (const [other, level] of LEVELS.entries()) t.is(takesLevel(threshold, level), other <= at);
  }
  for (const level of LEVELS) t.false(takesLevel('none', level));
});

test('priorityOf() gives facility daemon with the severity of syslog(3)', (t) => {
  t.deepEqual(LEVELS.map(priorityOf), [27, 28, 29, 30, 31]);
});
