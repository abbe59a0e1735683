import test from 'ava';
import fc from 'fast-check';
import { decodeChapMessage, encodeChapMessage, type ChapMessage } from '../../src/protocol/chap.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const NOTHING: ChapMessage = {
  status: undefined,
  algorithms: undefined,
  identifier: undefined,
  challenge: undefined,
  user: undefined,
  response: undefined,
};

const byte = fc.option(fc.nat(255), { nil: undefined });
const value = fc.option(
  fc.uint8Array({ maxLength: 255 }).map((bytes) => Buffer.from(bytes)),
  { nil: undefined },
);
const messages: fc.Arbitrary<ChapMessage> = fc.record(
  { status: byte, algorithms: value, identifier: byte, challenge: value, user: value, response: value },
  { noNullPrototype: true },
);
/** Written by the test: any attributes, of the draft or not, each once, in any order. */
const valid = fc
  .uniqueArray(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 255 })), {
    selector: ([attribute]) => attribute,
    maxLength: 7,
  })
  .map((items) => items.map(([att, val]) => [att, att === 0 || att === 0x10 ? [7] : [...val]] as const))
  .map((items) => Uint8Array.from([1, items.length, ...items.flatMap(([a, v]) => [a, v.length, ...v])]));

test('decodeChapMessage() asks for more on every prefix', (t) => asksForMore(t, decodeChapMessage, valid));
test('decodeChapMessage() reads back what was encoded', (t) =>
  roundTrips<ChapMessage>(t, decodeChapMessage, messages, encodeChapMessage));
test('decodeChapMessage() never throws', (t) => neverThrows(t, decodeChapMessage));
test('decodeChapMessage() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeChapMessage, valid));

const DECODED: readonly (readonly [string, string, Partial<ChapMessage>])[] = [
  ['the first message of the draft', '01 01 11 01 85', { algorithms: hex('85') }],
  ['two algorithms', '01 01 11 02 85 05', { algorithms: hex('85 05') }],
  ['a user before the algorithms', '01 02 02 01 61 11 01 85', { user: hex('61'), algorithms: hex('85') }],
  ['a user behind the response', '01 02 04 01 aa 02 01 61', { user: hex('61'), response: hex('aa') }],
  ['unknown attributes, also twice', '01 04 7f 00 11 01 85 7f 01 00 ff 00', { algorithms: hex('85') }],
  ['two texts and a character set', '01 04 01 01 61 01 00 05 01 62 00 01 00', { status: 0 }],
  ['no attribute (CH-10)', '01 00', {}],
  ['empty values', '01 02 02 00 03 00', { user: hex(''), challenge: hex('') }],
  ['an identifier', '01 01 10 01 2a', { identifier: 0x2a }],
];

for (const [title, bytes, fields] of DECODED) {
  test(`decodeChapMessage() reads ${title}`, (t) => {
    const message = hex(bytes);
    t.deepEqual(decodeChapMessage(message), {
      kind: 'done',
      value: { ...NOTHING, ...fields },
      size: message.length,
    });
  });
}

const BAD: readonly (readonly [string, string])[] = [
  ['two responses (CH-6)', '01 02 04 01 aa 04 01'],
  ['two users', '01 02 02 01 61 02 01 62'],
  ['two challenges', '01 02 03 01 61 03 01 62'],
  ['a status without a value', '01 01 00 00'],
  ['a status of two bytes', '01 01 00 02 00 00'],
  ['an identifier of two bytes', '01 01 10 02 01 02'],
  ['more than 2048 bytes', `01 09 ${`7f ff ${'00'.repeat(255)}`.repeat(7)} 7f ff`],
];

for (const [title, bytes] of BAD) {
  test(`decodeChapMessage() refuses ${title}`, (t) => {
    t.deepEqual(decodeChapMessage(hex(bytes)), { kind: 'bad', code: 'MESSAGE_MALFORMED' });
  });
}

test('decodeChapMessage() refuses every version but 1 at its first byte', (t) => {
  for (const version of [0, 2, 5, 255]) {
    t.deepEqual(decodeChapMessage(Uint8Array.of(version)), {
      kind: 'bad',
      code: 'LOGIN_VERSION_UNSUPPORTED',
    });
  }
});

test('encodeChapMessage() writes the algorithm before the challenge, as the C program does', (t) => {
  const message = encodeChapMessage({ challenge: hex('aabb'), algorithms: hex('85') });
  t.is(Buffer.from(message).toString('hex'), '0102110185' + '0302aabb');
  t.is(Buffer.from(encodeChapMessage({ status: 0xff })).toString('hex'), '01010001ff');
});
