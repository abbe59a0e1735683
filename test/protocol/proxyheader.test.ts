import test from 'ava';
import fc from 'fast-check';
import { crc32c } from '../../src/protocol/doors/crc32c.ts';
import {
  decodeProxyHeader,
  encodeHiddenHeader,
  encodeProxyHeader,
  isProxyHeader,
  type ProxyHeader,
  type ProxyVersion,
} from '../../src/protocol/doors/proxyheader.ts';
import { familyOf, ipFromBytes, type Endpoint } from '../../src/base/ip.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { binaryHeader, checkedHeader, ENDS4, ENDS6, field, sslField } from '../support/proxyheaders.ts';
import { ip } from '../support/ip.ts';

const port = fc.nat(0xffff);
const endpoint = (length: 4 | 16): fc.Arbitrary<Endpoint> =>
  fc
    .tuple(fc.uint8Array({ minLength: length, maxLength: length }), port)
    .map(([bytes, at]) => ({ ip: ipFromBytes(bytes), port: at }));
const ends = fc.oneof(fc.tuple(endpoint(4), endpoint(4)), fc.tuple(endpoint(16), endpoint(16)));
const announced: fc.Arbitrary<ProxyHeader> = ends.map(([source, destination]) => ({
  kind: 'announced',
  source,
  destination,
  extras: {},
}));
const encodeAs =
  (version: ProxyVersion) =>
  (header: ProxyHeader): Uint8Array =>
    header.kind === 'hidden'
      ? Buffer.from('PROXY UNKNOWN\r\n')
      : encodeProxyHeader(version, header.source, header.destination);

const fields = fc.array(
  fc
    .tuple(fc.integer({ min: 0x30, max: 0xff }), fc.uint8Array({ maxLength: 60 }))
    .map(([type, value]) => field(type, value)),
  { maxLength: 1 },
);
const valid = fc.oneof(
  announced.chain((header) =>
    fc.constantFrom('v1' as const, 'v2' as const).map((as) => encodeAs(as)(header)),
  ),
  fields.map((more) => checkedHeader({ fields: [...more, sslField(3, 0, 'alice')] })),
  fields.map((more) => binaryHeader({ command: 0x20, family: 0, addresses: '', fields: more })),
  fc
    .constantFrom('PROXY UNKNOWN\r\n', 'PROXY UNKNOWN ffff::1 whatever 1 2\r\n')
    .map((text) => Buffer.from(text)),
  fc.constant(binaryHeader({ family: 0x31, addresses: '2f'.repeat(216) })),
);

test('decodeProxyHeader() asks for more on every prefix', (t) => asksForMore(t, decodeProxyHeader, valid));
for (const version of ['v1', 'v2'] as const) {
  test(`decodeProxyHeader() reads back what is written as ${version}`, (t) =>
    roundTrips(t, decodeProxyHeader, announced, encodeAs(version)));
}
test('decodeProxyHeader() never throws', (t) => {
  neverThrows(t, decodeProxyHeader);
  neverThrows(t, (bytes) => decodeProxyHeader(Buffer.concat([Buffer.from('PROXY TCP4 '), bytes])));
  neverThrows(t, (bytes) => decodeProxyHeader(Buffer.concat([binaryHeader().subarray(0, 14), bytes])));
});
test('decodeProxyHeader() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeProxyHeader, valid));

test('a header with ends of two families maps the one with IPv4', (t) => {
  const [four, six] = [
    { ip: ip('192.0.2.7'), port: 4242 },
    { ip: ip('2001:db8::1'), port: 1080 },
  ];
  for (const version of ['v1', 'v2'] as const) {
    for (const [source, destination] of [
      [four, six],
      [six, four],
    ] as const) {
      const decoded = decodeProxyHeader(encodeProxyHeader(version, source, destination));
      t.like(decoded, {
        kind: 'done',
        value: {
          source: { ip: familyOf(source.ip) === 6 ? source.ip : '::ffff:192.0.2.7', port: source.port },
          destination: {
            ip: familyOf(destination.ip) === 6 ? destination.ip : '::ffff:192.0.2.7',
            port: destination.port,
          },
        },
      });
    }
  }
});

test('a header that tells no client is read as such', (t) => {
  for (const version of ['v1', 'v2'] as const)
    t.like(decodeProxyHeader(encodeHiddenHeader(version)), { kind: 'done', value: { kind: 'hidden' } });
});

test('a zone has no place in a header', (t) => {
  const zoned = { ip: 'fe80::1%eth0' as Endpoint['ip'], port: 1 };
  t.is(Buffer.from(encodeProxyHeader('v1', zoned, zoned)).toString(), 'PROXY TCP6 fe80::1 fe80::1 1 1\r\n');
});

test('the checksum is that of the check value of CRC32C', (t) => {
  t.is(crc32c(Buffer.from('123456789'), 9), 0xe3069283);
});

const SOURCE4 = { ip: '192.0.2.7', port: 4242 };
const SOURCE6 = { ip: '2001:db8::7', port: 4242 };

/** Recorded from haproxy 2.6.12, but for the first five. */
const READ: readonly [what: string, bytes: Uint8Array | string, value: unknown][] = [
  ['IPv4 in a line', 'PROXY TCP4 192.0.2.7 198.51.100.1 4242 1080\r\n', { source: SOURCE4 }],
  ['IPv6 in a line', 'PROXY TCP6 2001:db8::7 2001:db8::1 4242 1080\r\n', { source: SOURCE6 }],
  [
    'the longest line',
    `PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
    { source: { ip: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', port: 65_535 } },
  ],
  ['UNKNOWN', 'PROXY UNKNOWN\r\n', { kind: 'hidden' }],
  [
    'UNKNOWN with all that may follow',
    `PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
    { kind: 'hidden' },
  ],
  ['IPv4', binaryHeader(), { source: SOURCE4 }],
  ['IPv6', binaryHeader({ family: 0x21, addresses: ENDS6 }), { source: SOURCE6 }],
  ['LOCAL', binaryHeader({ command: 0x20, family: 0, addresses: '' }), { kind: 'hidden' }],
  ['LOCAL with a rest', binaryHeader({ command: 0x20, family: 0x77 }), { kind: 'hidden' }],
  ['UNSPEC', binaryHeader({ family: 0, addresses: '0102' }), { kind: 'hidden' }],
  ['a Unix socket', binaryHeader({ family: 0x31, addresses: '00'.repeat(216) }), { kind: 'hidden' }],
  ['a checksum', checkedHeader({}), { source: SOURCE4 }],
  [
    'ALPN, AUTHORITY and UNIQUE_ID',
    checkedHeader({
      fields: [field(1, 'socks5'), field(2, 'proxy.test'), field(5, 'id-7'), field(4, 'noop')],
    }),
    { extras: { alpn: 'socks5', authority: 'proxy.test', uniqueId: 'id-7' } },
  ],
  [
    'the name of a certificate',
    binaryHeader({ fields: [sslField(7, 0, 'alice')] }),
    { extras: { certificateName: 'alice' } },
  ],
  [
    'one of the session',
    binaryHeader({ fields: [sslField(5, 0, 'alice')] }),
    { extras: { certificateName: 'alice' } },
  ],
];
for (const [what, bytes, value] of READ) {
  test(`decodeProxyHeader() reads ${what}`, (t) => {
    const header = Buffer.from(bytes as string, 'latin1');
    const decoded = decodeProxyHeader(Buffer.concat([header, Uint8Array.of(5, 1, 0)]));
    t.like(decoded, { kind: 'done', size: header.length, value: value as object });
  });
}

const NAMELESS: readonly [what: string, client: number, verify: number, name: string | undefined][] = [
  ['no certificate was shown, though nothing failed', 1, 0, 'alice'],
  ['it could not be verified', 3, 18, 'alice'],
  ['it has no name', 7, 0, undefined],
  ['its name is empty', 7, 0, ''],
  ['its name has a NUL', 7, 0, 'alice\0.example'],
];
for (const [what, ...ssl] of NAMELESS) {
  test(`a certificate names nobody where ${what}`, (t) => {
    const decoded = decodeProxyHeader(binaryHeader({ fields: [sslField(...ssl)] }));
    t.like(decoded, { kind: 'done', value: { kind: 'announced', extras: {} } });
    t.false(JSON.stringify(decoded).includes('certificateName'));
  });
}

const BAD: readonly [what: string, bytes: Uint8Array | string][] = [
  ['a greeting', Uint8Array.of(5, 1, 0)],
  ['HTTP', 'GET / HTTP/1.1\r\n'],
  ['a line in lower case', 'proxy TCP4 192.0.2.7 198.51.100.1 4242 1080\r\n'],
  ['two spaces', 'PROXY TCP4  192.0.2.7 198.51.100.1 4242 1080\r\n'],
  ['a space at the end', 'PROXY TCP4 192.0.2.7 198.51.100.1 4242 1080 \r\n'],
  ['a port with a zero in front', 'PROXY TCP4 192.0.2.7 198.51.100.1 04242 1080\r\n'],
  ['a port above 65535', 'PROXY TCP4 192.0.2.7 198.51.100.1 65536 1080\r\n'],
  ['a sign', 'PROXY TCP4 192.0.2.7 198.51.100.1 +42 1080\r\n'],
  ['an address with a zero in front', 'PROXY TCP4 192.0.2.07 198.51.100.1 4242 1080\r\n'],
  ['a short address', 'PROXY TCP4 192.2 198.51.100.1 4242 1080\r\n'],
  ['an address of the other family', 'PROXY TCP4 2001:db8::7 2001:db8::1 4242 1080\r\n'],
  ['a zone', 'PROXY TCP6 fe80::1%eth0 fe80::2 4242 1080\r\n'],
  ['UDP', 'PROXY UDP4 192.0.2.7 198.51.100.1 4242 1080\r\n'],
  ['a line without addresses', 'PROXY TCP4\r\n'],
  ['LF alone', 'PROXY TCP4 192.0.2.7 198.51.100.1 4242 1080\n'],
  ['a NUL', 'PROXY UNKNOWN \0'],
  ['a CR within the line', 'PROXY UNKNOWN \r '],
  ['107 bytes without an end', `PROXY UNKNOWN ${'a'.repeat(93)}`],
  ['108 bytes with one', `PROXY UNKNOWN ${'a'.repeat(92)}\r\n`],
  ['version 1 in binary', binaryHeader({ command: 0x11 })],
  ['version 3', binaryHeader({ command: 0x31 })],
  ['an unknown command', binaryHeader({ command: 0x22 })],
  ['UDP over IPv4', binaryHeader({ family: 0x12 })],
  ['UDP over IPv6', binaryHeader({ family: 0x22, addresses: ENDS6 })],
  ['datagrams of Unix', binaryHeader({ family: 0x32, addresses: '00'.repeat(216) })],
  ['IPv4 without a protocol', binaryHeader({ family: 0x10 })],
  ['an unknown family', binaryHeader({ family: 0x41 })],
  ['too little room for IPv4', binaryHeader({ addresses: ENDS4.slice(0, -2) })],
  ['too little room for IPv6', binaryHeader({ family: 0x21, addresses: ENDS6.slice(0, -2) })],
  ['too little room for paths', binaryHeader({ family: 0x31, addresses: '00'.repeat(215) })],
  ['a length over 4096', Buffer.concat([binaryHeader().subarray(0, 14), Uint8Array.of(0x10, 0x01)])],
  ['a field that is cut off', binaryHeader({ fields: [field(0x30, 'abc').subarray(0, 5)] })],
  ['half the head of a field', binaryHeader({ fields: [Uint8Array.of(0x30, 0)] })],
  ['a field twice', binaryHeader({ fields: [field(2, 'a.test'), field(2, 'b.test')] })],
  ['a wrong checksum', checkedHeader({}, 1)],
  ['a checksum of three bytes', binaryHeader({ fields: [field(3, 'abc')] })],
  ['a wrong checksum of a Unix socket', checkedHeader({ family: 0x31, addresses: '00'.repeat(216) }, 1)],
  ['SSL of four bytes', binaryHeader({ fields: [field(0x20, 'abcd')] })],
  [
    'SSL with a field that is cut off',
    binaryHeader({ fields: [field(0x20, '\x07\0\0\0\0\x22\0\x09alice')] }),
  ],
];
for (const [what, bytes] of BAD) {
  test(`decodeProxyHeader() refuses ${what}`, (t) => {
    const header = Buffer.from(bytes as string, 'latin1');
    t.deepEqual(decodeProxyHeader(header), { kind: 'bad', code: 'PROXY_HEADER_BAD' });
    t.deepEqual(decodeProxyHeader(Buffer.concat([header, Uint8Array.of(13, 10)])), {
      kind: 'bad',
      code: 'PROXY_HEADER_BAD',
    });
  });
}

test('a header in the place of a greeting is told from other first bytes', (t) => {
  for (const text of ['PROXY ', 'PROXY TCP4 1', '\r\n', '\r\n\r\n\0\r\nQUIT\n!'])
    t.true(isProxyHeader(Buffer.from(text, 'latin1')), JSON.stringify(text));
  for (const text of ['', 'P', 'POST / HTTP/1.1', 'PROXYX', '\r', '\r\n\n', '\x05\x01\0'])
    t.false(isProxyHeader(Buffer.from(text, 'latin1')), JSON.stringify(text));
});
