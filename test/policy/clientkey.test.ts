import test from 'ava';
import { clientKeyOf } from '../../src/policy/clientkey.ts';
import { ip } from '../support/ip.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['::1', '::/64'],
];

for (const [address, key] of KEYS) {
  test(`clientKeyOf() counts ${address} as ${key}`, (t) => {
    t.is<string, string>(clientKeyOf(ip(address)), key);
  });
}
