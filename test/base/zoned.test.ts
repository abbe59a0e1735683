import test from 'ava';
import { formatCidr, formatEndpoint, ipToBytes } from '../../src/base/ip.ts';
import {
  inZone,
  ipOfSystem,
  isLinkLocal,
  isSameIp,
  parseZonedCidr,
  parseZonedIp,
  withoutZone,
  zoneNameOf,
} from '../../src/base/zoned.ts';
import { ip } from '../support/ip.ts';

const READ: readonly (readonly [string, string | undefined])[] = [
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['FE80:0::1%br_lan.7', 'fe80::1%br_lan.7'],
  ['febf::1%a', 'febf::1%a'],
  ['fe80::1', 'fe80::1'],
  ['192.0.2.1', '192.0.2.1'],
  ['fe80::1%', undefined],
  ['fe80::1%2', undefined],
  ['fe80::1%a/b', undefined],
  ['fe80::1%a b', undefined],
  ['fe80::1%a]b', undefined],
  ['fe80::1%sixteencharacter', undefined],
  ['fe80::1%a%b', undefined],
  ['2001:db8::1%eth0', undefined],
  ['192.0.2.1%eth0', undefined],
];

for (const [text, read] of READ) {
  test(`parseZonedIp() reads "${text}" as ${read ?? 'nothing'}`, (t) => {
    t.is<string | undefined, string | undefined>(parseZonedIp(text), read);
  });
}

const BLOCKS: readonly (readonly [string, string | undefined])[] = [
  ['fe80::%eth0/10', 'fe80::%eth0/10'],
  ['fe80::1%eth0', 'fe80::1%eth0/128'],
  ['fe80::/10', 'fe80::/10'],
  ['fe80::%eth0/9', undefined],
  ['fe80::%eth0/129', undefined],
  ['fe80::/10%eth0', undefined],
  ['2001:db8::%eth0/32', undefined],
];

for (const [text, read] of BLOCKS) {
  test(`parseZonedCidr() reads "${text}" as ${read ?? 'nothing'}`, (t) => {
    const block = parseZonedCidr(text);
    t.is(block && formatCidr(block), read);
  });
}

test('a zone belongs to link-local addresses alone, and to none of their bytes', (t) => {
  const zoned = inZone(ip('fe80::1'), 'eth0');
  t.is<string, string>(zoned, 'fe80::1%eth0');
  t.is(zoneNameOf(zoned), 'eth0');
  t.is(withoutZone(zoned), ip('fe80::1'));
  t.deepEqual(ipToBytes(zoned), ipToBytes(ip('fe80::1')));
  t.is(formatEndpoint({ ip: zoned, port: 1080 }), '[fe80::1%eth0]:1080');
  t.is(inZone(ip('2001:db8::1'), 'eth0'), ip('2001:db8::1'));
  t.is(inZone(ip('fe80::1'), ''), ip('fe80::1'));
  t.true(isLinkLocal(zoned));
  t.false(isLinkLocal(ip('fec0::1')));
});

test('ipOfSystem() takes zones as they come, of whatever address', (t) => {
  t.is<string | undefined, string>(ipOfSystem('fe80::1%7'), 'fe80::1%7');
  t.is<string | undefined, string>(ipOfSystem('2001:db8::1%lo'), '2001:db8::1');
  t.is(ipOfSystem('nothing'), undefined);
});

test('isSameIp() tells two links apart, and takes an address without a zone for that of any', (t) => {
  const [one, other] = [parseZonedIp('fe80::1%a')!, parseZonedIp('fe80::1%b')!];
  t.true(isSameIp(one, one));
  t.false(isSameIp(one, other));
  t.true(isSameIp(one, ip('fe80::1')));
  t.false(isSameIp(one, ip('fe80::2')));
});
