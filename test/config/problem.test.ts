import test from 'ava';
import {
  error,
  formatOrigin,
  formatProblem,
  isUsageError,
  warning,
} from '../../src/config/values/problem.ts';

test('formatProblem() puts the place in front, and marks warnings', (t) => {
  t.is(formatProblem(error({ file: '/etc/p.conf', line: 12 }, 'no')), '/etc/p.conf:12: no');
  t.is(formatProblem(error({ file: '/etc/p.conf' }, 'no')), '/etc/p.conf: no');
  t.is(formatProblem(warning({}, 'hm')), 'command line: warning: hm');
});

test('formatOrigin() is the place alone', (t) => {
  t.is(formatOrigin({ file: 'a', line: 1 }), 'a:1');
});

test('isUsageError() holds for errors of the command line only', (t) => {
  t.true(isUsageError(error({}, 'no')));
  t.false(isUsageError(warning({}, 'hm')));
  t.false(isUsageError(error({ file: 'a', line: 1 }, 'no')));
});
