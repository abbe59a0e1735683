import test from 'ava';
import fc from 'fast-check';
import { GSSAPI_MESSAGE } from '../../src/protocol/codes.ts';
import {
  decodeGssapiHead,
  encodeGssapi,
  encodeGssapiAbort,
  MAX_TOKEN_BYTES,
  TokenAssembly,
  type Assembled,
} from '../../src/protocol/gssapi.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const decode = (bytes: Uint8Array) => decodeGssapiHead(bytes, GSSAPI_MESSAGE.DATA);
const encode = (length: number) => Uint8Array.of(1, 3, length >> 8, length & 0xff);
const lengths = fc.nat(MAX_TOKEN_BYTES);

test('decodeGssapiHead() asks for more on every prefix', (t) => asksForMore(t, decode, lengths.map(encode)));
test('decodeGssapiHead() reads back every length', (t) => roundTrips(t, decode, lengths, encode));
test('decodeGssapiHead() never throws', (t) => neverThrows(t, decode));
test('decodeGssapiHead() does not care how the bytes come', (t) =>
  ignoresSplits(t, decode, lengths.map(encode)));

test('decodeGssapiHead() refuses another version, and another type than the one that is due (G-2)', (t) => {
  t.like(decode(Uint8Array.of(2)), { kind: 'bad', code: 'LOGIN_VERSION_UNSUPPORTED' });
  for (const type of [0, 1, 2, 4, 0xff])
    t.like(decode(Uint8Array.of(1, type)), { kind: 'bad', code: 'MESSAGE_MALFORMED' });
});

test('encodeGssapi() and encodeGssapiAbort() write what RFC 1961 has', (t) => {
  t.is(Buffer.from(encodeGssapi(GSSAPI_MESSAGE.LEVEL, Uint8Array.of(7))).toString('hex'), '0102000107');
  t.is(Buffer.from(encodeGssapi(GSSAPI_MESSAGE.TOKEN, new Uint8Array(0))).toString('hex'), '01010000');
  t.is(Buffer.from(encodeGssapiAbort()).toString('hex'), '01ff');
  t.is(encodeGssapi(GSSAPI_MESSAGE.DATA, new Uint8Array(MAX_TOKEN_BYTES)).length, 65_539);
});

/** All tokens that come out of these pieces, and the last answer. */
function assemble(pieces: readonly Uint8Array[]): { tokens: string[]; last: Assembled | undefined } {
  const assembly = new TokenAssembly(GSSAPI_MESSAGE.DATA);
  const tokens: string[] = [];
  let last: Assembled | undefined;
  for (const piece of pieces) {
    for (let rest = piece; rest.length > 0;) {
      last = assembly.take(rest);
      if (last.kind === 'bad') return { tokens, last };
      if (last.kind === 'token') tokens.push(Buffer.from(last.token).toString('hex'));
      rest = last.kind === 'token' ? last.rest : new Uint8Array(0);
    }
  }
  return { tokens, last };
}

test('TokenAssembly gives the same tokens however the bytes come', (t) => {
  const tokens = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
  fc.assert(
    fc.property(tokens, fc.array(fc.nat(1600)), (sent, cuts) => {
      const stream = Buffer.concat(sent.map((token) => encodeGssapi(GSSAPI_MESSAGE.DATA, token)));
      const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort((a, b) => a - b);
      const pieces = ends.map((end, at) => stream.subarray(ends[at - 1] ?? 0, end));
      t.deepEqual(
        assemble(pieces).tokens,
        sent.map((token) => Buffer.from(token).toString('hex')),
      );
    }),
  );
});

test('TokenAssembly tells the length as soon as it is known, and that a message has begun', (t) => {
  const assembly = new TokenAssembly(GSSAPI_MESSAGE.TOKEN);
  t.false(assembly.isBegun);
  t.deepEqual(assembly.take(Uint8Array.of(1, 1, 0xff)), { kind: 'more', tokenBytes: undefined });
  t.true(assembly.isBegun);
  t.deepEqual(assembly.take(Uint8Array.of(0xff)), { kind: 'more', tokenBytes: 65_535 });
  t.is(assemble([Uint8Array.of(1, 9)]).last?.kind, 'bad');
});
