import test from 'ava';
import fc from 'fast-check';
import type { Destination } from '../../src/protocol/address.ts';
import {
  addressInHeader,
  datagramHeaderSize,
  decodeDatagram,
  encodeDatagramHeader,
} from '../../src/protocol/datagram.ts';
import { ipAt } from '../../src/base/ip.ts';
import { endpoint, hostName, port } from '../support/arbitraries.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { ip } from '../support/ip.ts';

const validHeader = fc.oneof(
  endpoint.map(encodeDatagramHeader),
  fc.tuple(hostName, port).map(([name, at]) => nameHeader(name, at)),
);

function nameHeader(name: string, at: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 3, name.length, ...Buffer.from(name), at >> 8, at & 0xff);
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('decodeDatagram() asks for more on every proper prefix of a header', (t) => {
  asksForMore(t, decodeDatagram, validHeader);
});

test('decodeDatagram() reads back addresses and names, and leaves the payload alone', (t) => {
  const destination: fc.Arbitrary<Destination> = fc.oneof(
    endpoint.map((each) => ({ kind: 'ip' as const, ...each })),
    fc.record({ kind: fc.constant('name' as const), name: hostName, port }),
  );
  const header = destination.map((each) => ({ fragment: 0, destination: each }));
  roundTrips(t, decodeDatagram, header, ({ destination: each }) =>
    each.kind === 'ip' ? encodeDatagramHeader(each) : nameHeader(each.name, each.port),
  );
});

test('decodeDatagram() never throws, and never speaks of bytes that are not there', (t) => {
  neverThrows(t, decodeDatagram);
  t.pass();
});

test('decodeDatagram() answers the same however much of the header it saw before', (t) => {
  ignoresSplits(t, decodeDatagram, validHeader);
});

test('decodeDatagram() reads names in lower case, with their port', (t) => {
  t.deepEqual(decodeDatagram(nameHeader('Example.ORG', 53)), {
    kind: 'done',
    value: { fragment: 0, destination: { kind: 'name', name: 'example.org', port: 53 } },
    size: 18,
  });
});

test('decodeDatagram() tells the number of a fragment (V5-33)', (t) => {
  for (const fragment of [1, 127, 128, 255]) {
    const decoded = decodeDatagram(Uint8Array.of(0, 0, fragment, 1, 192, 0, 2, 1, 0, 53));
    t.is(decoded.kind === 'done' ? decoded.value.fragment : undefined, fragment);
  }
});

const INVALID: readonly (readonly [string, string, string])[] = [
  ['RSV 0100', '01 00 00 01 c0000201 0035', 'MESSAGE_MALFORMED'],
  ['RSV 0001', '00 01 00 01 c0000201 0035', 'MESSAGE_MALFORMED'],
  ['RSV ff alone', 'ff', 'MESSAGE_MALFORMED'],
  ['ATYP 00', '00 00 00 00 c0000201 0035', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['ATYP 02', '00 00 00 02 c0000201 0035', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['ATYP ff', '00 00 00 ff c0000201 0035', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['an empty name', '00 00 00 03 00 0035', 'NAME_INVALID'],
  ['a name with NUL', '00 00 00 03 03 610062 0035', 'NAME_INVALID'],
  ['an odd spelling of an address', '00 00 00 03 05 3132372e31 0035', 'NAME_INVALID'],
];

for (const [what, bytes, code] of INVALID) {
  test(`decodeDatagram() refuses ${what} (V5-35)`, (t) => {
    t.deepEqual(decodeDatagram(hex(bytes)), { kind: 'bad', code: code as 'NAME_INVALID' });
  });
}

test('encodeDatagramHeader() writes ten bytes for IPv4 and twenty-two for IPv6', (t) => {
  const ipv4 = encodeDatagramHeader({ ip: ip('192.0.2.1'), port: 0x1234 });
  t.deepEqual([...ipv4], [...hex('00 00 00 01 c0000201 1234')]);
  const ipv6 = encodeDatagramHeader({ ip: ip('2001:db8::1'), port: 53 });
  t.deepEqual([...ipv6], [...hex('00 00 00 04 20010db8000000000000000000000001 0035')]);
});

/** Any bytes, many of which are whole headers. */
const anyBytes = fc.oneof(
  validHeader,
  fc
    .tuple(fc.uint8Array({ minLength: 3, maxLength: 3 }), fc.constantFrom(1, 3, 4), fc.uint8Array())
    .map(([head, atyp, rest]) => Uint8Array.of(...head, atyp, ...rest)),
);

test('datagramHeaderSize() is where the payload starts', (t) => {
  fc.assert(
    fc.property(validHeader, fc.uint8Array({ maxLength: 40 }), (header, payload) => {
      t.is(datagramHeaderSize(Buffer.concat([header, payload])), header.length);
    }),
  );
});

test('datagramHeaderSize() has none for a header that is cut short or of unknown type', (t) => {
  fc.assert(
    fc.property(validHeader, fc.nat(), (header, cut) => {
      t.is(datagramHeaderSize(header.subarray(0, cut % header.length)), undefined);
    }),
  );
  t.is(datagramHeaderSize(hex('00 00 00 02 c0000201 0035 00 00 00')), undefined);
});

test('datagramHeaderSize() and decodeDatagram() agree', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const decoded = decodeDatagram(bytes);
      if (decoded.kind === 'done') t.is(datagramHeaderSize(bytes), decoded.size);
    }),
  );
  t.pass();
});

test('addressInHeader() is where the address stands that decodeDatagram() reads', (t) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const decoded = decodeDatagram(bytes);
      const isPlain = decoded.kind === 'done' && decoded.value.fragment === 0;
      const span = addressInHeader(bytes);
      if (!isPlain || span === undefined) return;
      const { destination } = decoded.value;
      t.is(destination.kind === 'ip' && destination.ip, ipAt(bytes, span.start, span.length));
    }),
  );
  t.pass();
});

test('addressInHeader() finds none in a name, a fragment and what has reserved bytes', (t) => {
  const of = (text: string) => addressInHeader(hex(text));
  t.deepEqual(of('00 00 00 01 c0000201 0035'), { start: 4, length: 4 });
  t.deepEqual(of('00 00 00 04 20010db8 00000000 00000000 00000001 0035'), { start: 4, length: 16 });
  t.deepEqual(of('00 00 00 04 00000000 00000000 0000ffff c0000201 0035'), { start: 16, length: 4 });
  t.is(of('00 00 00 03 01 78 0035'), undefined);
  t.is(of('00 00 01 01 c0000201 0035'), undefined);
  t.is(of('00 01 00 01 c0000201 0035'), undefined);
});
