import test from 'ava';
import { LookupSlots } from '../../src/net/lookupslots.ts';
import { ip } from '../support/ip.ts';

const CASES = [
  { what: 'an IPv4 address', first: '192.0.2.1', same: '192.0.2.1', other: '192.0.2.2' },
  { what: 'an IPv6 /64', first: '2001:db8::1', same: '2001:db8::ffff:1', other: '2001:db8:0:1::1' },
] as const;

for (const { what, first, same, other } of CASES) {
  test(`the slots of ${what} are limited, and come back`, (t) => {
    const slots = new LookupSlots(10, 2);
    const release = slots.take(ip(first));
    slots.take(ip(first));
    t.is(slots.take(ip(same)), undefined);
    t.truthy(slots.take(ip(other)));
    release?.();
    t.truthy(slots.take(ip(same)));
    t.is(slots.take(ip(first)), undefined);
  });
}

test('all clients together are limited too', (t) => {
  const slots = new LookupSlots(2, 2);
  slots.take(ip('192.0.2.1'));
  const release = slots.take(ip('192.0.2.2'));
  t.is(slots.take(ip('192.0.2.3')), undefined);
  release?.();
  t.truthy(slots.take(ip('192.0.2.3')));
});
