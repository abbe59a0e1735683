import test from 'ava';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import { moreTelling } from '../../src/net/dial/faultrank.ts';

const CASES: readonly (readonly [FaultCode, FaultCode])[] = [
  ['CONNECTION_REFUSED', 'CONNECT_TIMEOUT'],
  ['CONNECT_TIMEOUT', 'HOST_UNREACHABLE'],
  ['HOST_UNREACHABLE', 'NETWORK_UNREACHABLE'],
  ['NETWORK_UNREACHABLE', 'CONNECT_FAILED'],
  ['CONNECT_FAILED', 'GUARD_DENIED'],
  ['GUARD_DENIED', 'FAMILY_UNSUPPORTED'],
  ['FAMILY_UNSUPPORTED', 'RESOLVER_FAILED'],
];

for (const [more, less] of CASES) {
  test(`${more} tells more than ${less}`, (t) => {
    t.is(moreTelling(new Fault(less), new Fault(more)).code, more);
    t.is(moreTelling(new Fault(more), new Fault(less)).code, more);
  });
}

test('the first of equals stays, and anything tells more than nothing', (t) => {
  const first = new Fault('CONNECT_FAILED');
  t.is(moreTelling(first, new Fault('RESOURCES_EXHAUSTED')), first);
  t.is(moreTelling(undefined, first), first);
});
