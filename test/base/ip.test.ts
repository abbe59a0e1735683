import { BlockList, isIP } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
  ANY_IPV4,
  ANY_IPV6,
  bytesInCidr,
  familyOf,
  formatCidr,
  formatEndpoint,
  ipFromBytes,
  ipToBytes,
  parseCidr,
  parseIp,
  unmapIp,
} from '../../src/base/ip.ts';
import { ip } from '../support/ip.ts';

const ipv4Bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Half of the bytes zero, so that runs of zero groups are common. */
const ipv6Bytes = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .chain((bytes) =>
    fc
      .uint8Array({ min: 0, max: 1, minLength: 8, maxLength: 8 })
      .map((kept) => bytes.map((byte, at) => byte * (kept[at >> 1] ?? 0))),
  );
const anyBytes = fc.oneof(ipv4Bytes, ipv6Bytes);

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['::1', '::1'],
  ['2001:DB8::A', '2001:db8::a'],
  ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['::FFFF:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
];

for (const [text, canonical] of SPELLINGS) {
  test(`parseIp() reads ${text} as ${canonical}`, (t) => {
    t.is(String(parseIp(text)), canonical);
    t.is(String(parseIp(canonical)), canonical);
  });
}

const REFUSED = [
  ...['', '.', ':', ':::', '127.1', '127.0.1', '2130706433', '0x7f.1', '0x7f000001', '0177.0.0.1'],
  ...['127.0.0.01', '127.0.0.1.', '.127.0.0.1', '127.0.0.256', '127.0.0.1.1', '127.0.0.-1', '127.0.0.1e0'],
  ...[' 127.0.0.1', '127.0.0.1 ', '127.0.0.1\n', '127.0.0.1\0', '127.0.0.1\0evil', '127.0.0.1/8', '127..0.1'],
  ...['١٢٧.0.0.1', '127。0。0。1', 'localhost', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::'],
  ...['1::2::3', ':1::', '1::2:', ':1:2:3:4:5:6:7', '::12345', '::g', '::-1', '::0x1', '::1%lo', 'fe80::1%1'],
  ...['[::1]', '::1 ', ' ::1', '::1\0', '1.2.3.4::', '::1.2.3.4:5', '::1.2.3', '::1.2.3.04', '::1.2.3.256'],
  ...['1:2:3:4:5:6:7:1.2.3.4', '1.2.3.4:1', '::1.2.3.4.'],
];

for (const text of REFUSED) {
  test(`parseIp() refuses ${JSON.stringify(text)}`, (t) => {
    t.is(parseIp(text), undefined);
  });
}

test('every address goes through text and back', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = ipFromBytes(bytes);
      t.deepEqual([...ipToBytes(text)], [...bytes]);
      t.is(parseIp(text), text);
    }),
  );
});

test('canonical text is an address of the same family to node:net, and equal text to its URL parser', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = ipFromBytes(bytes);
      t.is(isIP(text), familyOf(text));
      // WHATWG URLs write RFC 5952 too, but without the dotted tail of mapped addresses.
      if (familyOf(text) === 6 && !text.includes('.'))
        t.is(new URL(`http://[${text}]/`).hostname, `[${text}]`);
    }),
    { numRuns: 300 },
  );
});

test('parseIp() takes for an address exactly what node:net does, zone ids apart', (t) => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '01',
    '255',
    '256',
    'ab',
    'FFFF',
    '12345',
    ':',
    '::',
    '.',
    '',
    '1.2.3.4',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      const text = pieces.join('');
      t.is(parseIp(text) !== undefined, isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
  const groups = fc.array(fc.constantFrom('0', 'a', '1.2.3.4', ''), { minLength: 5, maxLength: 9 });
  fc.assert(
    fc.property(groups, (parts) => {
      const text = parts.join(':');
      t.is(parseIp(text) !== undefined, isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
});

test('parseIp() answers for any text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const parsed = parseIp(text);
      t.true(parsed === undefined || isIP(parsed) !== 0);
    }),
  );
});

test('ipToBytes() throws on text that no function of the file made', (t) => {
  t.throws(() => ipToBytes('localhost' as never), { instanceOf: TypeError, message: /localhost/ });
});

test('the wildcards are canonical', (t) => {
  t.is(parseIp('0.0.0.0'), ANY_IPV4);
  t.is(parseIp('::'), ANY_IPV6);
});

test('unmapIp() changes IPv4-mapped addresses and no others', (t) => {
  t.is(unmapIp(ip('::ffff:192.0.2.1')), ip('192.0.2.1'));
  for (const text of ['192.0.2.1', '::1', '::ffff:0:c000:201', '64:ff9b::c000:201', '::ffff', 'ffff::']) {
    t.is(unmapIp(ip(text)), ip(text));
  }
});

const BLOCKS: readonly (readonly [string, string | undefined])[] = [
  ['192.0.2.1', '192.0.2.1/32'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::/0', '::/0'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['::1', '::1/128'],
  ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ['::ffff:192.0.2.1', '192.0.2.1/32'],
  ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
  ['::ffff:0.0.0.0/95', '::ffff:0.0.0.0/95'],
  ['10.0.0.0/33', undefined],
  ['::/129', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0/08', undefined],
  ['10.0.0.0/-1', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0.0/255.0.0.0', undefined],
  ['10/8', undefined],
  ['*', undefined],
  ['', undefined],
  ['/8', undefined],
];

for (const [text, canonical] of BLOCKS) {
  test(`parseCidr() reads ${JSON.stringify(text)} as ${canonical ?? 'no block'}`, (t) => {
    const cidr = parseCidr(text);
    t.is(cidr === undefined ? undefined : formatCidr(cidr), canonical);
  });
}

test('bytesInCidr() agrees with the BlockList of node:net', (t) => {
  fc.assert(
    fc.property(sameFamilyPair(), ({ base, bits, other }) => {
      const text = ipFromBytes(base);
      const family = familyOf(text) === 4 ? 'ipv4' : 'ipv6';
      // A list folds mapped addresses itself; here they are folded before a rule sees them.
      fc.pre(unmapIp(text) === text && unmapIp(ipFromBytes(other)) === ipFromBytes(other));
      const list = new BlockList();
      list.addSubnet(text, bits, family);
      const cidr = parseCidr(`${text}/${bits}`)!;
      t.is(bytesInCidr(cidr, other), list.check(ipFromBytes(other), family));
    }),
    { numRuns: 1000 },
  );
});

test('a block never holds an address of the other family', (t) => {
  t.false(bytesInCidr(parseCidr('0.0.0.0/0')!, ipToBytes(ip('::1'))));
  t.false(bytesInCidr(parseCidr('::/0')!, ipToBytes(ip('192.0.2.1'))));
});

test('formatEndpoint() puts IPv6 addresses in brackets', (t) => {
  t.is(formatEndpoint({ ip: ip('192.0.2.1'), port: 1080 }), '192.0.2.1:1080');
  t.is(formatEndpoint({ ip: ip('2001:db8::1'), port: 0 }), '[2001:db8::1]:0');
});

/** A block and an address that differs from its base in one bit at most, so that both answers are common. */
function sameFamilyPair() {
  return anyBytes.chain((base) =>
    fc.record({
      base: fc.constant(base),
      bits: fc.integer({ min: 1, max: base.length * 8 }),
      other: fc
        .integer({ min: 0, max: base.length * 8 - 1 })
        .map((flipped) =>
          base.map((byte, at) => (at === flipped >> 3 ? byte ^ (0x80 >> (flipped & 7)) : byte)),
        ),
    }),
  );
}
