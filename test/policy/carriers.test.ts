import test from 'ava';
import fc from 'fast-check';
import { formatCidr, ipFromBytes, mustBeCidr } from '../../src/base/ip.ts';
import {
  carriedAddresses,
  localCarriers,
  nat64Carriers,
  nat64PrefixesOf,
  type Ipv4Carrier,
} from '../../src/policy/rules/carriers.ts';
import { zoneOf } from '../../src/policy/rules/zones.ts';
import { hereWith, ownOf } from '../support/here.ts';
import { ip } from '../support/ip.ts';

/** RFC 6052 section 2.4: 192.0.2.33 under prefixes of each length. */
const EXAMPLES: readonly (readonly [prefix: string, address: string])[] = [
  ['2001:db8::/32', '2001:db8:c000:221::'],
  ['2001:db8:100::/40', '2001:db8:1c0:2:21::'],
  ['2001:db8:122::/48', '2001:db8:122:c000:2:2100::'],
  ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:221::'],
  ['2001:db8:122:344::/64', '2001:db8:122:344:c0:2:2100:0'],
  ['2001:db8:122:344::/96', '2001:db8:122:344::192.0.2.33'],
];

const NOTHING_FOUND = { carriers: [] };

const nat64 = (prefix: string) => nat64Carriers([mustBeCidr(prefix)]);
const sixRd = (block: string, common: string) =>
  localCarriers(
    { nat64Prefixes: [], sixRdPrefixes: [{ block: mustBeCidr(block), common: mustBeCidr(common) }] },
    NOTHING_FOUND,
  )();

for (const [prefix, address] of EXAMPLES) {
  test(`${address} carries 192.0.2.33 where a translator has ${prefix}, and nowhere else`, (t) => {
    t.deepEqual(carriedAddresses(ip(address), nat64(prefix)), [ip('192.0.2.33')]);
    t.deepEqual(carriedAddresses(ip(address), []), []);
    t.deepEqual(carriedAddresses(ip('2001:db9::1'), nat64(prefix)), []);
  });
}

test('carriedAddresses() finds whatever RFC 6052 embeds, and the octet that it leaves out changes nothing', (t) => {
  const length = fc.constantFrom(32, 40, 48, 56, 64, 96);
  const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
  fc.assert(
    fc.property(length, bytes(16), bytes(4), fc.nat(255), (bits, base, ipv4, octet) => {
      base[0] = 0x26;
      base[8] = bits === 96 ? base[8]! : octet;
      // Not what is known to be ISATAP.
      base[11] = 0;
      const address = Uint8Array.from(base);
      let at = bits / 8;
      for (const byte of ipv4) {
        if (at === 8) at += 1;
        address[at++] = byte;
      }
      const prefix = { family: 6, base: address, bits } as const;
      const found = carriedAddresses(
        ipFromBytes(address),
        localCarriers({ nat64Prefixes: [prefix], sixRdPrefixes: [] }, NOTHING_FOUND)(),
      );
      t.true(found.includes(ipFromBytes(ipv4)));
    }),
  );
});

test('6rd: the IPv4 address stands right behind the prefix, without what all have in common', (t) => {
  t.deepEqual(carriedAddresses(ip('2001:db8:7f00:1::1'), sixRd('2001:db8::/32', '0.0.0.0/0')), [
    ip('127.0.0.1'),
  ]);
  t.deepEqual(carriedAddresses(ip('2001:db8:102:300::1'), sixRd('2001:db8::/32', '10.0.0.0/8')), [
    ip('10.1.2.3'),
  ]);
  // 10.1.2.3 behind 28 bits.
  t.deepEqual(carriedAddresses(ip('2001:db0:a010:2030::1'), sixRd('2001:db0::/28', '0.0.0.0/0')), [
    ip('10.1.2.3'),
  ]);
});

test('ISATAP: the interface identifier carries the address, whatever the prefix', (t) => {
  for (const address of ['2001:db8::5efe:10.1.2.3', '2001:db8:1:2:200:5efe:10.1.2.3']) {
    t.deepEqual(carriedAddresses(ip(address), []), [ip('10.1.2.3')]);
  }
  t.deepEqual(carriedAddresses(ip('2001:db8:1:2:300:5efe:10.1.2.3'), []), []);
});

test('an address under such a prefix is as private as the one that it carries', (t) => {
  const here = hereWith(
    ownOf(() => new Set([ip('198.51.100.7')])),
    {
      carriers: () => [...nat64('2001:db8:64::/96'), ...sixRd('2001:db9::/32', '0.0.0.0/0')],
    },
  );
  t.is(zoneOf(ip('2001:db8:64::127.0.0.1'), here), 'host');
  t.is(zoneOf(ip('2001:db8:64::169.254.169.254'), here), 'linkLocal');
  t.is(zoneOf(ip('2001:db8:64::198.51.100.7'), here), 'host');
  t.is(zoneOf(ip('2001:db9:c0a8:101::1'), here), 'private');
  t.is(zoneOf(ip('2001:db8:64::192.0.2.1'), here), 'public');
  t.is(zoneOf(ip('2001:db8::5efe:192.168.1.1'), here), 'private');
});

const prefixesOf = (...addresses: readonly string[]) => nat64PrefixesOf(addresses.map(ip)).map(formatCidr);

/** RFC 6052 section 2.2, with 192.0.0.170 and 192.0.0.171 in the places of the examples. */
const DISCOVERIES: readonly (readonly [prefix: string, address: string])[] = [
  ['2001:db8::/32', '2001:db8:c000:aa::'],
  ['2001:db8:100::/40', '2001:db8:1c0:0:ab::'],
  ['2001:db8:122::/48', '2001:db8:122:c000:0:aa00::'],
  ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:ab::'],
  ['2001:db8:122:344::/64', '2001:db8:122:344:c0:0:aa00:0'],
  ['2001:db8:122:344::/96', '2001:db8:122:344::192.0.0.171'],
];

for (const [prefix, address] of DISCOVERIES) {
  test(`${address}, as an answer for ipv4only.arpa, tells of the prefix ${prefix}`, (t) => {
    t.deepEqual(prefixesOf(address), [prefix]);
  });
}

test('an answer tells of each prefix once, of several translators, and of several places in one address', (t) => {
  const [first, second] = ['2001:db8:64::/96', '64:ff9b::/96'];
  const answer = ['2001:db8:64::192.0.0.170', '2001:db8:64::192.0.0.171', '64:ff9b::192.0.0.170'];
  t.deepEqual(prefixesOf(...answer), [first, second]);
  t.deepEqual(prefixesOf('2001:db8:c000:aa::192.0.0.170'), ['2001:db8::/32', '2001:db8:c000:aa::/96']);
});

test('addresses that carry neither 192.0.0.170 nor 192.0.0.171 tell of nothing', (t) => {
  const junk = [
    '192.0.0.170',
    '::1',
    '2001:db8::192.0.0.169',
    '2001:db8::c000:aa:0',
    '2001:db8::192.0.2.170',
  ];
  t.deepEqual(prefixesOf(...junk), []);
  t.deepEqual(prefixesOf(), []);
});

test('byte 8 is zero where a translator with a prefix of up to 64 bits has made the address', (t) => {
  t.deepEqual(prefixesOf('2001:db8:c000:aa:100::'), []);
  t.deepEqual(prefixesOf('2001:db8:122:344:1c0:0:aa00:0'), []);
  t.deepEqual(prefixesOf('2001:db8:0:0:100::192.0.0.170'), ['2001:db8:0:0:100::/96']);
});

test('nat64PrefixesOf() finds the prefix by which an address was made', (t) => {
  const length = fc.constantFrom(32, 40, 48, 56, 64, 96);
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(length, bytes, fc.constantFrom(170, 171), (bits, base, last) => {
      const prefix = Uint8Array.from(base).fill(0, bits / 8);
      prefix[8] = 0;
      // Not IPv4-mapped, which stands for IPv4.
      prefix[0] = 0x20;
      const address = Uint8Array.from(prefix);
      let at = bits / 8;
      for (const byte of [192, 0, 0, last]) {
        if (at === 8) at += 1;
        address[at++] = byte;
      }
      t.true(prefixesOf(ipFromBytes(address)).includes(`${ipFromBytes(prefix)}/${bits}`));
    }),
  );
});

test('what is found counts from then on, where the configuration asks for it', (t) => {
  const found: { carriers: readonly Ipv4Carrier[] } = { carriers: [] };
  const asked = localCarriers({ nat64Prefixes: ['auto'], sixRdPrefixes: [] }, found);
  const unasked = localCarriers({ nat64Prefixes: ['none'], sixRdPrefixes: [] }, found);
  t.deepEqual(asked(), []);
  found.carriers = nat64('2001:db8:64::/96');
  t.deepEqual(asked(), found.carriers);
  t.deepEqual(unasked(), []);
});
