import test from 'ava';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { ip } from '../support/ip.ts';

const OWNERS: readonly (readonly [string, readonly string[]])[] = [
  ['192.0.2.7', ['192.0.2.0/24', '192.0.2.7']],
  ['::ffff:192.0.2.7', ['192.0.2.0/24', '192.0.2.7']],
  ['2001:db8:1:23ff:4:5:6:7', ['2001:db8:1::/48', '2001:db8:1:2300::/56', '2001:db8:1:23ff::/64']],
  ['::1', ['::/48', '::/56', '::/64']],
];

for (const [address, owner] of OWNERS) {
  test(`the owner of ${address} is in ${String(owner)}`, (t) => {
    t.deepEqual(ownerOf(ip(address)), owner);
  });
}
