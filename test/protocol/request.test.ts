import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes, unmapIp } from '../../src/base/ip.ts';
import { encodeAddress, formatDestination } from '../../src/protocol/address.ts';
import { decodeRequest, encodeRequest, type Request } from '../../src/protocol/request.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { destination } from '../support/destinations.ts';

const ip = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((bytes) => unmapIp(ipFromBytes(bytes)));
const request: fc.Arbitrary<Request> = fc
  .record({ command: fc.nat(255), ip, port: fc.nat(65_535) })
  .map(({ command, ...endpoint }) => ({ command, destination: { kind: 'ip', ...endpoint } }));

function encode({ command, destination }: Request, rsv = 0): Uint8Array {
  if (destination.kind === 'name') throw new TypeError('addresses only');
  return Buffer.concat([Uint8Array.of(5, command, rsv), encodeAddress(destination)]);
}
const valid = request.map((value) => encode(value));

test('decodeRequest() asks for more on every prefix', (t) => asksForMore(t, decodeRequest, valid));
test('decodeRequest() reads back every command and address', (t) =>
  roundTrips(t, decodeRequest, request, (value) => encode(value)));
test('decodeRequest() never throws', (t) => neverThrows(t, decodeRequest));
test('decodeRequest() does not care how the bytes come', (t) => ignoresSplits(t, decodeRequest, valid));

test('decodeRequest() does not look at RSV (V5-15)', (t) => {
  fc.assert(
    fc.property(request, fc.nat(255), (value, rsv) => {
      t.deepEqual(decodeRequest(encode(value, rsv)), decodeRequest(encode(value)));
    }),
  );
});

test('decodeRequest() refuses another version and an unknown address type at once (V5-14, V5-16)', (t) => {
  t.deepEqual(decodeRequest(Uint8Array.of(4)), { kind: 'bad', code: 'MESSAGE_MALFORMED' });
  t.deepEqual(decodeRequest(Uint8Array.of(5, 1, 0, 9)), { kind: 'bad', code: 'ADDRESS_TYPE_UNSUPPORTED' });
});

/** Hex of UDP ASSOCIATE behind RSV, and where the client is taken to send from. */
const ANNOUNCED: readonly (readonly [string, string])[] = [
  ['03 01 30 1234', 'ip 0.0.0.0:4660'],
  ['03 00 1234', 'ip 0.0.0.0:4660'],
  ['03 05 3132372e31 0000', 'ip 0.0.0.0:0'],
  ['03 03 5b3a3a 1234', 'ip 0.0.0.0:4660'],
  ['03 02 6162 1234', 'name ab:4660'],
  ['01 c0000201 1234', 'ip 192.0.2.1:4660'],
];

for (const [hex, expected] of ANNOUNCED) {
  test(`decodeRequest() takes ${hex} of UDP ASSOCIATE for ${expected}, and waits for all of it`, (t) => {
    const bytes = Uint8Array.from(Buffer.from(`050300${hex}`.replaceAll(' ', ''), 'hex'));
    const decoded = decodeRequest(bytes);
    if (decoded.kind !== 'done') return t.fail(decoded.kind);
    const { destination } = decoded.value;
    t.is(`${destination.kind} ${formatDestination(destination)}`, expected);
    t.is(decoded.size, bytes.length);
    for (let size = 0; size < bytes.length; size++) t.is(decodeRequest(bytes.subarray(0, size)).kind, 'more');
  });
}

test('a name that no host can have is refused with every other command', (t) => {
  fc.assert(
    fc.property(
      fc.nat(255).filter((command) => command !== 3),
      (command) => {
        const bytes = Uint8Array.of(5, command, 0, 3, 1, 0x30, 0, 80);
        t.deepEqual(decodeRequest(bytes), { kind: 'bad', code: 'NAME_INVALID' });
      },
    ),
  );
});

test('encodeRequest() writes what decodeRequest() reads, names too', (t) => {
  const any = fc.record({ command: fc.nat(255), destination }, { noNullPrototype: true });
  roundTrips(t, decodeRequest, any, encodeRequest);
  const named = { command: 1, destination: { kind: 'name', name: 'ab', port: 0x1234 } } as const;
  t.deepEqual([...encodeRequest(named)], [5, 1, 0, 3, 2, 0x61, 0x62, 0x12, 0x34]);
});
