import test from 'ava';
import fc from 'fast-check';
import {
  decodeSaslauthdAnswer,
  encodeSaslauthdQuestion,
  MAX_ANSWER_BYTES,
  type SaslauthdAnswer,
} from '../../../src/protocol/logins/saslauthd.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../../support/codec.ts';

function encode({ verdict, message }: SaslauthdAnswer): Uint8Array {
  const text = `${verdict === 'yes' ? 'OK' : 'NO'}${message === undefined ? '' : ` ${message}`}`;
  return Buffer.concat([Uint8Array.of(text.length >> 8, text.length & 0xff), Buffer.from(text, 'latin1')]);
}

const answers: fc.Arbitrary<SaslauthdAnswer> = fc.record(
  {
    verdict: fc.constantFrom('yes' as const, 'no' as const),
    message: fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/),
  },
  { noNullPrototype: true, requiredKeys: ['verdict'] },
);

const decode = decodeSaslauthdAnswer;
test('decodeSaslauthdAnswer() asks for more on every prefix', (t) =>
  asksForMore(t, decode, answers.map(encode)));
test('decodeSaslauthdAnswer() reads back what was written', (t) =>
  roundTrips<SaslauthdAnswer>(t, decode, answers, encode));
test('decodeSaslauthdAnswer() never throws', (t) => neverThrows(t, decode));
test('decodeSaslauthdAnswer() does not care how the bytes come', (t) =>
  ignoresSplits(t, decode, answers.map(encode)));

test('what is neither OK nor NO, or longer than any answer, is bad', (t) => {
  t.is(decode(Buffer.from('\0\u0004OKAY')).kind, 'bad');
  t.is(decode(Buffer.from('\0\0')).kind, 'bad');
  t.is(decode(Uint8Array.of((MAX_ANSWER_BYTES + 1) >> 8, (MAX_ANSWER_BYTES + 1) & 0xff)).kind, 'bad');
  t.like(decode(Buffer.from('\0\u0003OK\0')), { kind: 'done', value: { verdict: 'yes' } });
});

test('encodeSaslauthdQuestion() counts each of the four strings', (t) => {
  const bytes = encodeSaslauthdQuestion({
    user: Buffer.from('al'),
    password: Buffer.from('p w'),
    service: Buffer.from('socks'),
    realm: Buffer.from(''),
  });
  t.is(Buffer.from(bytes).toString('latin1'), '\0\u0002al\0\u0003p w\0\u0005socks\0\0');
});
