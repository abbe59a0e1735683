import test from 'ava';
import { FAULTS, Fault } from '../../src/base/fault.ts';

test('a fault carries its code, the sentence of that code and its cause', (t) => {
  const cause = new Error('ECONNREFUSED');
  const fault = new Fault('CONNECTION_REFUSED', cause);
  t.is(fault.code, 'CONNECTION_REFUSED');
  t.is(fault.message, FAULTS.CONNECTION_REFUSED);
  t.is(fault.cause, cause);
  t.true(fault instanceof Error);
});

test('a fault without a cause has no cause property', (t) => {
  t.false('cause' in new Fault('CLIENT_CLOSED'));
});
