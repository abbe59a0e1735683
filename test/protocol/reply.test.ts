import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes, unmapIp } from '../../src/base/ip.ts';
import { decodeAddress, encodeDestination, type Destination } from '../../src/protocol/address.ts';
import { REP } from '../../src/protocol/codes.ts';
import { decodeReply, encodeNameReply, encodeReply, type Reply } from '../../src/protocol/reply.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { destination } from '../support/destinations.ts';

const ip = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((bytes) => unmapIp(ipFromBytes(bytes)));

test('encodeReply() writes a failure as ten bytes with ATYP 01 and zeros (V5-12)', (t) => {
  for (const rep of Object.values(REP)) t.deepEqual([...encodeReply(rep)], [5, rep, 0, 1, 0, 0, 0, 0, 0, 0]);
});

const bound = fc.record({ ip, port: fc.nat(65_535) });
const success = bound.map((endpoint) => encodeReply(REP.SUCCEEDED, endpoint));
/** A client's view: BND of a reply that has come so far. */
const decode = (bytes: Uint8Array) => decodeAddress(bytes, 3);

test('encodeReply() writes the bound endpoint in its own family (V5-10, V5-11)', (t) => {
  const encode = (value: Destination) => {
    if (value.kind === 'name') throw new TypeError('addresses only');
    const reply = encodeReply(REP.SUCCEEDED, value);
    t.deepEqual([...reply.subarray(0, 3)], [5, 0, 0]);
    return reply;
  };
  const destination = bound.map((endpoint): Destination => ({ kind: 'ip', ...endpoint }));
  roundTrips(t, decode, destination, encode);
});

test('each prefix of a reply shows that more follows', (t) => asksForMore(t, decode, success));
test('a reply means the same however it comes', (t) => ignoresSplits(t, decode, success));

test('encodeNameReply() writes a success with the name as BND and port 0 (T-2)', (t) => {
  const name = 'host.test';
  t.deepEqual([...encodeNameReply(name)], [5, 0, 0, 3, 9, ...Buffer.from(name), 0, 0]);
  const longest = `${'abcd.'.repeat(50)}abc`;
  const reply = encodeNameReply(longest);
  const value = { kind: 'name', name: longest, port: 0 } as const;
  t.deepEqual(decodeAddress(reply, 3), { kind: 'done', value, size: reply.length });
});

const reply: fc.Arbitrary<Reply> = fc.oneof(
  destination.map((each) => ({ rep: 0, bound: each })),
  fc.integer({ min: 1, max: 255 }).map((rep) => ({ rep, bound: undefined })),
);
/** Of a failure that much and no more is looked at. */
const encode = ({ rep, bound: told }: Reply) =>
  Buffer.concat([
    Uint8Array.of(5, rep),
    ...(told === undefined ? [] : [Uint8Array.of(0), encodeDestination(told)]),
  ]);

test('decodeReply() asks for more on every prefix', (t) => asksForMore(t, decodeReply, reply.map(encode)));
test('decodeReply() reads back every reply', (t) => roundTrips(t, decodeReply, reply, encode));
test('decodeReply() never throws', (t) => neverThrows(t, decodeReply));
test('decodeReply() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeReply, reply.map(encode)));

const BAD_REPLIES: readonly [what: string, hex: string, code: string][] = [
  ['another version', '00', 'VERSION_UNSUPPORTED'],
  ['an unknown address type', '05000002', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['an empty name', '05000003000050', 'NAME_INVALID'],
  ['a name with a NUL', '050000030361006200500050', 'NAME_INVALID'],
];
for (const [what, hex, code] of BAD_REPLIES) {
  test(`decodeReply() refuses ${what}`, (t) => {
    t.deepEqual<unknown, unknown>(decodeReply(Buffer.from(hex, 'hex')), { kind: 'bad', code });
  });
}
