import test from 'ava';
import { clientKeyOf, ipOfClientKey } from '../../src/policy/clientkey.ts';
import { ip } from '../support/ip.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['::1', '::/64'],
  ['fe80::1', 'fe80::/64'],
  ['fe80::1%eth0', 'fe80::%eth0/64'],
  ['fe80::2%eth0', 'fe80::%eth0/64'],
  ['fe80::1%eth1', 'fe80::%eth1/64'],
];

for (const [address, key] of KEYS) {
  test(`clientKeyOf() counts ${address} as ${key}`, (t) => {
    t.is<string, string>(clientKeyOf(ip(address)), key);
  });
}

test('ipOfClientKey() reads what clientKeyOf() gives, and nothing else', (t) => {
  for (const [address, key] of KEYS) {
    const read = ipOfClientKey(key);
    t.not(read, undefined, key);
    t.is<string, string>(clientKeyOf(read!), clientKeyOf(ip(address)));
  }
  for (const text of ['2001:db8::1', '192.0.2.1/64', 'fe80::1%eth0/64', 'fe80::/64%eth0', 'nothing']) {
    t.is(ipOfClientKey(text), undefined, text);
  }
});
