// Answers of DNS come from strangers: what is no answer to the question is passed over, and nothing that they hold breaks the reader.
import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes } from '../../src/base/ip.ts';
import {
  decodeDnsReply,
  encodeDnsQuestion,
  type DnsQuestion,
  type DnsReply,
} from '../../src/protocol/dns.ts';
import { hostName } from '../support/arbitraries.ts';

const QUESTION: DnsQuestion = { id: 0x1234, name: 'a.test', type: 'a' };
const ASKED = '0161047465737400 0001 0001';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** A reply to QUESTION; `counts` are those of questions and answers. */
function reply(flags: string, rest: string, counts = '0001 0001'): Uint8Array {
  return hex(`1234 ${flags} ${counts} 0000 0000 ${rest}`);
}

const A = 'c00c 0001 0001 0000003c 0004 c0000201';

const CASES: Readonly<Record<string, readonly [Uint8Array, DnsReply | undefined]>> = {
  'one address': [reply('8180', ASKED + A), { kind: 'found', values: ['192.0.2.1'], ttlSeconds: 60 }],
  'the question in capitals': [
    reply('8180', '0141045445535400 0001 0001' + A),
    { kind: 'found', values: ['192.0.2.1'], ttlSeconds: 60 },
  ],
  'an alias behind its address, and a shorter life': [
    reply(
      '8180',
      `${ASKED} c00a 0001 0001 00000030 0004 c0000202 c00c 0005 0001 00000010 0002 c00a`.replaceAll(
        'c00a',
        'c00e',
      ),
      '0001 0002',
    ),
    { kind: 'found', values: ['192.0.2.2'], ttlSeconds: 16 },
  ],
  'an alias that leads nowhere': [
    reply('8180', `${ASKED} c00c 0005 0001 00000010 0002 c00e`),
    { kind: 'nothing' },
  ],
  'an alias with bytes behind it': [
    reply('8180', `${ASKED} c00c 0005 0001 00000010 0003 c00e00`),
    { kind: 'nothing' },
  ],
  'an alias of itself': [
    reply('8180', `${ASKED} c00c 0005 0001 00000010 0002 c00c`),
    { kind: 'failed', why: 'too many aliases' },
  ],
  'an address of another name': [
    reply('8180', `${ASKED} c00e 0001 0001 0000003c 0004 c0000201`),
    { kind: 'nothing' },
  ],
  'records of another type and class': [
    reply(
      '8180',
      `${ASKED} c00c 0010 0001 0000003c 0002 0161 c00c 0001 0003 0000003c 0004 c0000201`,
      '0001 0002',
    ),
    { kind: 'nothing' },
  ],
  'no records': [reply('8180', ASKED, '0001 0000'), { kind: 'nothing' }],
  'no such name': [reply('8183', ASKED, '0001 0000'), { kind: 'nothing' }],
  SERVFAIL: [reply('8182', ASKED, '0001 0000'), { kind: 'failed', why: 'SERVFAIL' }],
  'REFUSED without the question': [reply('8185', '', '0000 0000'), { kind: 'failed', why: 'REFUSED' }],
  'no such name without the question': [reply('8183', '', '0000 0000'), undefined],
  'cut short': [reply('8380', ASKED, '0001 0000'), { kind: 'truncated' }],
  'a TTL with the highest bit': [
    reply('8180', `${ASKED} c00c 0001 0001 80000001 0004 c0000201`),
    { kind: 'found', values: ['192.0.2.1'], ttlSeconds: 0 },
  ],
  'another number': [hex(`1235 8180 0001 0001 0000 0000 ${ASKED} ${A}`), undefined],
  'a question, no answer': [reply('0100', ASKED + A), undefined],
  'another opcode': [reply('a980', ASKED + A), undefined],
  'another name': [reply('8180', '0162047465737400 0001 0001' + A), undefined],
  'another type': [reply('8180', '0161047465737400 001c 0001' + A), undefined],
  'two questions': [reply('8180', ASKED + ASKED + A, '0002 0001'), undefined],
  'an address of five bytes': [
    reply('8180', `${ASKED} c00c 0001 0001 0000003c 0005 c000020101`),
    { kind: 'failed', why: 'a malformed answer' },
  ],
  'fewer answers than it says': [
    reply('8180', ASKED + A, '0001 0002'),
    { kind: 'failed', why: 'a malformed answer' },
  ],
  'a pointer to itself': [
    reply('8180', `${ASKED} c018 0001 0001 0000003c 0004 c0000201`),
    { kind: 'failed', why: 'a malformed answer' },
  ],
  'a pointer forward': [
    reply('8180', `${ASKED} c0ff 0001 0001 0000003c 0004 c0000201`),
    { kind: 'failed', why: 'a malformed answer' },
  ],
  'pointers in a circle': [
    reply('8180', `${ASKED} 0161c018 0001 0001 0000003c 0004 c0000201`),
    { kind: 'failed', why: 'a malformed answer' },
  ],
};

for (const [what, [bytes, expected]] of Object.entries(CASES)) {
  test(`decodeDnsReply() of ${what}`, (t) => t.deepEqual(decodeDnsReply(bytes, QUESTION), expected));
}

test('a dot within a label is none between labels', (t) => {
  const name = '1.2.0.192.in-addr.arpa';
  const question = encodeDnsQuestion({ id: 7, name, type: 'ptr' });
  const record = hex('c00c 000c 0001 0000003c 0005 03612e6200');
  const bytes = Buffer.concat([question, record]);
  bytes.writeUInt16BE(0x8180, 2);
  bytes.writeUInt16BE(1, 6);
  const decoded = decodeDnsReply(bytes, { id: 7, name, type: 'ptr' });
  t.deepEqual(decoded, { kind: 'found', values: ['a\\.b'], ttlSeconds: 60 });
});

test('encodeDnsQuestion() asks for one name with recursion', (t) => {
  t.deepEqual(Uint8Array.from(encodeDnsQuestion(QUESTION)), hex(`1234 0100 0001 0000 0000 0000 ${ASKED}`));
});

const question = fc.record(
  { id: fc.nat(0xffff), name: hostName, type: fc.constantFrom('a' as const, 'aaaa' as const) },
  { noNullPrototype: true },
);

/** The answer to it, with these addresses behind `aliases` names of its own. */
function answer(asked: DnsQuestion, addresses: readonly Uint8Array[]): Uint8Array {
  const type = { a: 1, aaaa: 28, ptr: 12 }[asked.type];
  const records = addresses.map((address) =>
    Buffer.concat([
      hex('c00c'),
      Uint8Array.of(0, type),
      hex('0001 0000003c'),
      Uint8Array.of(0, address.length),
      address,
    ]),
  );
  const bytes = Buffer.concat([encodeDnsQuestion(asked), ...records]);
  bytes.writeUInt16BE(0x8180, 2);
  bytes.writeUInt16BE(addresses.length, 6);
  return bytes;
}

const answered = fc.tuple(question, fc.integer({ min: 1, max: 20 })).chain(([asked, count]) => {
  const length = asked.type === 'a' ? 4 : 16;
  const address = fc.uint8Array({ minLength: length, maxLength: length });
  return fc.tuple(fc.constant(asked), fc.array(address, { minLength: count, maxLength: count }));
});

test('decodeDnsReply() reads every address of an answer', (t) => {
  fc.assert(
    fc.property(answered, ([asked, addresses]) => {
      const values = addresses.map((address) => ipFromBytes(address) as string);
      t.deepEqual(decodeDnsReply(answer(asked, addresses), asked), { kind: 'found', values, ttlSeconds: 60 });
    }),
  );
});

test('decodeDnsReply() finds nothing in a prefix of an answer', (t) => {
  fc.assert(
    fc.property(answered, ([asked, addresses]) => {
      const bytes = answer(asked, addresses);
      for (let size = 0; size < bytes.length; size++) {
        const decoded = decodeDnsReply(bytes.subarray(0, size), asked);
        if (decoded !== undefined && decoded.kind !== 'failed') t.fail(`${decoded.kind} at ${size}`);
      }
    }),
    { numRuns: 30 },
  );
  t.pass();
});

test('decodeDnsReply() never throws, whatever changes in an answer', (t) => {
  const changes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(answered, changes, ([asked, addresses], changed) => {
      const bytes = answer(asked, addresses);
      for (const [at, value] of changed) bytes[2 + (at % (bytes.length - 2))] = value;
      const decoded = decodeDnsReply(bytes, asked);
      if (decoded?.kind === 'found') t.true(decoded.values.length > 0);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('decodeDnsReply() never throws on any bytes behind the question', (t) => {
  fc.assert(
    fc.property(question, fc.nat(0xffff), fc.uint8Array({ maxLength: 300 }), (asked, count, rest) => {
      const bytes = Buffer.concat([encodeDnsQuestion(asked), rest]);
      bytes.writeUInt16BE(0x8180, 2);
      bytes.writeUInt16BE(count, 6);
      t.not(decodeDnsReply(bytes, asked), undefined);
    }),
    { numRuns: 2000 },
  );
});

test('the longest answer of pointers to pointers is read in a moment', (t) => {
  const record = hex('c00c 0005 0001 00000010 0002 c00c');
  const bytes = Buffer.concat([encodeDnsQuestion(QUESTION), ...Array.from({ length: 4600 }, () => record)]);
  bytes.writeUInt16BE(0x8180, 2);
  bytes.writeUInt16BE(4600, 6);
  t.deepEqual(decodeDnsReply(bytes, QUESTION), { kind: 'failed', why: 'too many aliases' });
});
