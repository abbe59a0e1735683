import test from 'ava';
import fc from 'fast-check';
import { decodeTicketAnswer } from '../../../src/auth/kerberos/ticketanswer.ts';
import { TicketReader } from '../../../src/auth/kerberos/ticketreader.ts';
import { asksForMore, ignoresSplits, neverThrows } from '../../support/codec.ts';
import { codeOf } from '../../support/legs.ts';
import { ip } from '../../support/ip.ts';
import { acceptedPayload, ALICE, fakeProcess, framed, u32 } from '../../support/ticketchannel.ts';

const short = fc.uint8Array({ maxLength: 40 });
const answers = fc.oneof(
  fc
    .tuple(short, fc.string({ maxLength: 20 }), short)
    .map(([key, name, token]) => acceptedPayload(key, name, token)),
  fc.tuple(fc.constantFrom(1, 2), short).map(([kind, text]) => Buffer.concat([Uint8Array.of(kind), text])),
  fc.constant(Buffer.alloc(0)),
  fc.nat(60).map((seconds) => Buffer.concat([Uint8Array.of(3), u32(seconds)])),
);
const valid = fc.tuple(fc.nat(1000), answers).map(([id, payload]) => framed(id, payload));

test('decodeTicketAnswer() asks for more on every prefix', (t) => asksForMore(t, decodeTicketAnswer, valid));
test('decodeTicketAnswer() never throws', (t) => neverThrows(t, decodeTicketAnswer));
test('decodeTicketAnswer() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeTicketAnswer, valid));
test('decodeTicketAnswer() refuses what is too long, cut inside, or of no kind', (t) => {
  const bad = [
    Buffer.concat([u32(1), u32(100_000)]),
    framed(1, Uint8Array.of(3)),
    framed(1, Uint8Array.of(3, 0, 0, 0, 4, 0)),
    framed(1, Uint8Array.of(4)),
    framed(1, acceptedPayload(Buffer.alloc(16), 'alice', Buffer.alloc(0)).subarray(0, 50)),
  ];
  for (const bytes of bad) t.is(decodeTicketAnswer(bytes).kind, 'bad');
});

const refusal = (text: string) => Buffer.concat([Uint8Array.of(1), Buffer.from(text)]);

test('one token is asked about at a time, and clients take turns', async (t) => {
  const { channel, asked, answer } = fakeProcess();
  const reader = new TicketReader(channel);
  const many = ['a1', 'a2', 'a3'].map((token) => reader.accept(Buffer.from(token), ip('192.0.2.1')));
  const other = reader.accept(Buffer.from('b1'), ip('198.51.100.1'));
  t.deepEqual(
    asked.map(({ token }) => token),
    ['a1'],
  );
  answer(0, ALICE);
  const { principal, token, key } = await many[0]!;
  t.deepEqual([principal, Buffer.from(token).toString(), key.type], ['alice@REALM', 'out', 17]);
  t.deepEqual([key.sendSequence, key.receiveSequence, key.isAcceptorSubkey], [2n ** 40n, 9n, true]);
  for (const [at, expected] of [
    [1, 'TICKET_REFUSED'],
    [2, 'TICKET_REFUSED'],
  ] as const) {
    answer(at, refusal('no'));
    t.is(await codeOf(at === 1 ? many[1]! : other).catch(() => ''), expected);
  }
  t.deepEqual(
    asked
      .map((each) => each.token)
      .slice(0, 3)
      .sort(),
    ['a1', 'a2', 'b1'],
  );
});

test('of one client 16 wait and of all 64; the others hear that it is busy', async (t) => {
  const { channel } = fakeProcess();
  const reader = new TicketReader(channel);
  const ends = Array.from({ length: 20 }, () => codeOf(reader.accept(Buffer.from('x'), ip('192.0.2.1'))));
  const codes = await Promise.all(ends.slice(17));
  t.deepEqual(codes, ['LOGIN_BUSY', 'LOGIN_BUSY', 'LOGIN_BUSY']);
  channel.destroy();
  t.deepEqual([...new Set(await Promise.all(ends.slice(0, 17)))], ['LOGIN_UNAVAILABLE']);
});

test('a process that is silent lets nobody wait, and is asked again once it has answered', async (t) => {
  const { channel, asked, answer } = fakeProcess();
  const reader = new TicketReader(channel, 50);
  const [first, second] = [1, 2].map(() => codeOf(reader.accept(Buffer.from('x'), ip('192.0.2.1'))));
  t.is(await first, 'LOGIN_UNAVAILABLE');
  t.is(await second, 'LOGIN_UNAVAILABLE');
  t.is(await codeOf(reader.accept(Buffer.from('y'), ip('192.0.2.1'))), 'LOGIN_UNAVAILABLE');
  t.is(asked.length, 1);
  t.true(reader.isUp);
  answer(0, ALICE);
  await new Promise(setImmediate);
  const after = reader.accept(Buffer.from('z'), ip('192.0.2.1'));
  answer(1, ALICE);
  t.is((await after).principal, 'alice@REALM');
});

test('a process that ends, or answers what nobody has asked, is asked no more', async (t) => {
  for (const end of ['ends', 'another id', 'two answers'] as const) {
    const { channel, asked } = fakeProcess();
    const reader = new TicketReader(channel);
    const waiting = codeOf(reader.accept(Buffer.from('x'), ip('192.0.2.1')));
    if (end === 'ends') channel.push(null);
    else if (end === 'another id') channel.push(framed(asked[0]!.id + 1, ALICE));
    else channel.push(Buffer.concat([framed(asked[0]!.id, ALICE), framed(asked[0]!.id, ALICE)]));
    t.is(await waiting, 'LOGIN_UNAVAILABLE', end);
    t.false(reader.isUp);
    t.is(await codeOf(reader.accept(Buffer.from('x'), ip('192.0.2.1'))), 'LOGIN_UNAVAILABLE');
    if (end === 'ends') channel.destroy();
  }
});
