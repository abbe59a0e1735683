import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes, parseIp } from '../../src/base/ip.ts';
import {
  decodeSocks4Reply,
  decodeSocks4Request,
  encodeSocks4Reply,
  encodeSocks4Request,
  type Socks4Reply,
  type Socks4Request,
} from '../../src/protocol/socks4.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { ipv4Endpoint } from '../support/destinations.ts';
import { ip } from '../support/ip.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const text = fc.uint8Array({ min: 1, maxLength: 255 }).map((bytes) => Buffer.from(bytes));
const head = fc.record({ command: fc.nat(255), userId: text });
/** 0.0.0.1 to 0.0.0.255 announce a name. */
const address = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((bytes) => ipFromBytes(bytes))
  .filter((each) => !/^0\.0\.0\.[1-9]/.test(each));
const label = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,62}$/);
const name = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'))
  .filter((each) => each.length <= 253);
const port = fc.nat(65_535);
const request: fc.Arbitrary<Socks4Request> = fc.record({
  command: fc.nat(255),
  userId: text,
  destination: fc.oneof(
    fc.record({ kind: fc.constant('ip' as const), ip: address, port }),
    fc.record({ kind: fc.constant('name' as const), name, port }),
  ),
});

/** The bytes of a request, written apart from the product's code. */
function encode({ command, userId, destination }: Socks4Request): Buffer {
  if (destination === undefined) throw new TypeError('a request without a destination cannot be written');
  const start = Buffer.of(4, command, destination.port >> 8, destination.port & 0xff);
  const quad = destination.kind === 'ip' ? destination.ip.split('.').map(Number) : [0, 0, 0, 7];
  const tail = destination.kind === 'ip' ? '' : `${destination.name}\0`;
  return Buffer.concat([start, Buffer.from(quad), userId, Buffer.of(0), Buffer.from(tail)]);
}

/** SOCKS4a with a name of any bytes and up to 255 of them. */
const withAnyName = fc
  .record({ head, name: text })
  .map(({ head: { command, userId }, name: bytes }) =>
    Buffer.concat([Buffer.of(4, command, 0, 80, 0, 0, 0, 1), userId, Buffer.of(0), bytes, Buffer.of(0)]),
  );
const valid = fc.oneof(request.map(encode), withAnyName);

test('decodeSocks4Request() asks for more on every prefix', (t) =>
  asksForMore(t, decodeSocks4Request, valid));
test('decodeSocks4Request() reads back every request', (t) =>
  roundTrips(t, decodeSocks4Request, request, encode));
test('decodeSocks4Request() never throws', (t) => {
  neverThrows(t, decodeSocks4Request);
  neverThrows(t, (bytes) => decodeSocks4Request(beginning('04 01 0050 00000001', bytes)));
});
test('decodeSocks4Request() does not care how the bytes come', (t) => {
  ignoresSplits(t, decodeSocks4Request, valid);
  const tooLong = fc
    .record({ before: fc.nat(255), length: fc.integer({ min: 256, max: 300 }) })
    .map(({ before, length }) =>
      Buffer.concat([
        hex('04 01 0050 00000001'),
        Buffer.alloc(before, 'u'),
        Buffer.of(0),
        Buffer.alloc(length, 'n'),
      ]),
    );
  ignoresSplits(t, decodeSocks4Request, tooLong);
});

/** Bytes behind `04 01 0050`, and the destination; undefined: a name that no host can have. */
const DESTINATIONS: readonly [string, string, string | undefined][] = [
  ['V4-4: 0.0.0.0 is an address', '00000000 00', '0.0.0.0'],
  ['V4-4: 0.0.0.1 announces a name', '00000001 00 6100', 'a'],
  ['V4-4: 0.0.0.255 announces a name', '000000ff 00 6100', 'a'],
  ['V4-4: 0.0.1.0 is an address', '00000100 00', '0.0.1.0'],
  ['V4-4: 0.1.0.1 is an address', '00010001 00', '0.1.0.1'],
  ['V4-4: 255.255.255.255 is an address', 'ffffffff 00', '255.255.255.255'],
  ['V4-4: an empty name', '00000001 00 00', undefined],
  ['V4-4: a name with a control byte', '00000001 00 610a6200', undefined],
  ['V4-4: a name of 253 bytes', `00000001 00 ${'616263642e'.repeat(50)}61626300`, `${'abcd.'.repeat(50)}abc`],
  ['V4-4: a name of 254 bytes', `00000001 00 ${'616263642e'.repeat(50)}6162636400`, undefined],
  ['V4-4: a name of 255 bytes', `00000001 00 ${'61'.repeat(255)}00`, undefined],
  ['V4-4: a name of 256 bytes', `00000001 00 ${'61'.repeat(256)}`, undefined],
  ['V4-11: a name that is an IPv4 address', '00000001 00 3132372e302e302e3100', '127.0.0.1'],
  ['V4-11: a name that is an IPv6 address', '00000001 00 3a3a3100', '::1'],
  ['V4-11: a name that is a mapped address', '00000001 00 3a3a666666663a312e322e332e3400', '1.2.3.4'],
  ['V4-11: an odd spelling of an address', '00000001 00 3132372e3100', undefined],
];

for (const [what, bytes, expected] of DESTINATIONS) {
  test(`decodeSocks4Request(), ${what}`, (t) => {
    const message = hex(`04 01 0050 ${bytes}`);
    const known = expected === undefined ? undefined : parseIp(expected);
    const destination =
      known !== undefined
        ? { kind: 'ip', ip: known, port: 80 }
        : expected && { kind: 'name', name: expected, port: 80 };
    const name = message.subarray(9, 9 + 255).filter((byte) => byte !== 0);
    const unfit = destination === undefined ? { unfit: { name, port: 80 } } : {};
    const value = { command: 1, userId: Buffer.alloc(0), destination, ...unfit };
    t.deepEqual<unknown, unknown>(decodeSocks4Request(message), {
      kind: 'done',
      value,
      size: message.length,
    });
  });
}

test('decodeSocks4Request(), V4-5: a user id has 255 bytes at most, NUL or not', (t) => {
  const start = hex('04 01 0050 7f000001');
  const longest = Buffer.concat([start, Buffer.alloc(255, 'u'), Buffer.of(0)]);
  t.is(decodeSocks4Request(longest).kind, 'done');
  t.is(decodeSocks4Request(longest.subarray(0, -1)).kind, 'more');
  const tooLong = Buffer.concat([start, Buffer.alloc(256, 'u')]);
  const bad = { kind: 'bad', code: 'USER_ID_TOO_LONG' } as const;
  t.deepEqual(decodeSocks4Request(tooLong), bad);
  t.deepEqual(decodeSocks4Request(Buffer.concat([tooLong, Buffer.of(0)])), bad);
});

test('decodeSocks4Request() refuses every version but 4 at its first byte', (t) => {
  for (let version = 0; version < 256; version++) {
    const decoded = decodeSocks4Request(Uint8Array.of(version));
    if (version === 4) t.is(decoded.kind, 'more');
    else t.deepEqual(decoded, { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  }
});

test('encodeSocks4Reply() writes VN 00, the verdict and the bound endpoint (V4-1, V4-2, V4-3)', (t) => {
  const bound = { ip: ip('192.0.2.1'), port: 0x1234 };
  t.deepEqual([...encodeSocks4Reply('granted', bound)], [0, 0x5a, 0x12, 0x34, 192, 0, 2, 1]);
  t.deepEqual([...encodeSocks4Reply('granted')], [0, 0x5a, 0, 0, 0, 0, 0, 0]);
  t.deepEqual([...encodeSocks4Reply('rejected')], [0, 0x5b, 0, 0, 0, 0, 0, 0]);
});

test('encodeSocks4Reply() writes zeros where the bound address is IPv6 (V4-10)', (t) => {
  const bound = { ip: ip('2001:db8::1'), port: 0x1234 };
  t.deepEqual([...encodeSocks4Reply('granted', bound)], [0, 0x5a, 0, 0, 0, 0, 0, 0]);
});

test('encodeSocks4Request() writes what decodeSocks4Request() reads', (t) => {
  fc.assert(
    fc.property(request, (value) => {
      const bytes = encodeSocks4Request(value);
      t.is(
        Buffer.from(bytes ?? [])
          .toString('hex')
          .slice(0, 8),
        encode(value).toString('hex').slice(0, 8),
      );
      t.deepEqual(decodeSocks4Request(bytes!), { kind: 'done', value, size: bytes!.length });
    }),
  );
});

test('encodeSocks4Request() does not write what would be read as something else', (t) => {
  const command = 1;
  const userId = Buffer.from('user');
  const destination = { kind: 'ip', ip: ip('192.0.2.1'), port: 80 } as const;
  t.truthy(encodeSocks4Request({ command, userId, destination }));
  for (const text of ['2001:db8::1', '0.0.0.1', '0.0.0.255']) {
    const other = { ...destination, ip: ip(text) };
    t.is(encodeSocks4Request({ command, userId, destination: other }), undefined, text);
  }
  t.is(encodeSocks4Request({ command, userId, destination: undefined }), undefined);
  for (const id of [Buffer.from('a\0b'), Buffer.alloc(256, 'u')]) {
    t.is(encodeSocks4Request({ command, userId: id, destination }), undefined);
  }
});

const socks4Reply: fc.Arbitrary<Socks4Reply> = fc.record({ code: fc.nat(255), bound: ipv4Endpoint });
const encodeAnyReply = ({ code, bound }: Socks4Reply) =>
  Buffer.of(0, code, bound.port >> 8, bound.port & 0xff, ...bound.ip.split('.').map(Number));

test('decodeSocks4Reply() asks for more on every prefix', (t) =>
  asksForMore(t, decodeSocks4Reply, socks4Reply.map(encodeAnyReply)));
test('decodeSocks4Reply() reads back every reply', (t) =>
  roundTrips(t, decodeSocks4Reply, socks4Reply, encodeAnyReply));
test('decodeSocks4Reply() never throws', (t) => neverThrows(t, decodeSocks4Reply));
test('decodeSocks4Reply() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeSocks4Reply, socks4Reply.map(encodeAnyReply)));

test('decodeSocks4Reply() takes VN 0, and the 4 of srelay, and no other', (t) => {
  for (let version = 0; version < 256; version++) {
    const decoded = decodeSocks4Reply(Uint8Array.of(version));
    if (version === 0 || version === 4) t.is(decoded.kind, 'more');
    else t.deepEqual(decoded, { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  }
});

/** `bytes`, the first of them replaced by `start`. */
function beginning(start: string, bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  hex(start).copy(changed);
  return changed;
}
