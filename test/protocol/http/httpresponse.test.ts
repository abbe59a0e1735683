import test from 'ava';
import fc from 'fast-check';
import { bodyReader } from '../../../src/protocol/http/httpbody.ts';
import { encodeHead } from '../../../src/protocol/http/httphead.ts';
import {
  decodeHttpResponse,
  framingOfResponse,
  type HttpResponse,
} from '../../../src/protocol/http/httpresponse.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../../support/codec.ts';

const response: fc.Arbitrary<HttpResponse> = fc.record(
  {
    minor: fc.constantFrom(0, 1),
    status: fc.integer({ min: 100, max: 599 }),
    reason: fc.stringMatching(/^[ -~\xa0-\xff]{0,30}$/),
    fields: fc.array(
      fc.record(
        {
          name: fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/),
          value: fc.stringMatching(/^(?:[!-~\xa0-\xff](?:[ \t!-~\xa0-\xff]{0,30}[!-~\xa0-\xff])?)?$/),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 6 },
    ),
  },
  { noNullPrototype: true },
);
const encode = ({ minor, status, reason, fields }: HttpResponse) =>
  encodeHead(`HTTP/1.${minor} ${status} ${reason}`, fields);
const valid = response.map(encode);

test('decodeHttpResponse() asks for more on every prefix', (t) => asksForMore(t, decodeHttpResponse, valid));
test('decodeHttpResponse() reads back what was encoded', (t) =>
  roundTrips(t, decodeHttpResponse, response, encode));
test('decodeHttpResponse() never throws', (t) => {
  neverThrows(t, decodeHttpResponse);
  neverThrows(t, (bytes) => decodeHttpResponse(Buffer.concat([Buffer.from('HTTP/1.1 200 '), bytes])));
});
test('decodeHttpResponse() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeHttpResponse, valid));

test('framingOfResponse() is none to HEAD, and without a length until the end', (t) => {
  const of = (status: number, method: string, ...fields: [string, string][]) =>
    framingOfResponse(
      { minor: 1, status, reason: '', fields: fields.map(([name, value]) => ({ name, value })) },
      method,
    );
  t.deepEqual(of(200, 'GET'), { kind: 'until-close' });
  t.deepEqual(of(200, 'HEAD', ['Content-Length', '5']), { kind: 'none' });
  t.deepEqual(of(304, 'GET', ['Content-Length', '5']), { kind: 'none' });
  t.deepEqual(of(204, 'GET'), { kind: 'none' });
  t.true('why' in of(200, 'HEAD', ['Content-Length', '5'], ['content-length', '5']));
});

/** What comes out of chunks, however they come in. */
function unchunked(pieces: readonly Uint8Array[]) {
  const reader = bodyReader({ kind: 'chunked' }, 'plain');
  let text = '';
  for (const [at, piece] of pieces.entries()) {
    const { passed, used, state } = reader.take(piece);
    text += Buffer.concat(passed).toString('latin1');
    const rest = Buffer.concat([piece.subarray(used), ...pieces.slice(at + 1)]).toString('latin1');
    if (state !== 'more') return { text, state, rest };
  }
  return { text, state: 'more' as const, rest: '' };
}

test('a body of chunks is the same in whatever pieces it comes, and leaves what follows alone', (t) => {
  const body = fc.array(fc.stringMatching(/^[a-z\r\n]{1,40}$/), { maxLength: 6 });
  fc.assert(
    fc.property(body, fc.array(fc.nat(300)), (chunks, cuts) => {
      const wire = `${chunks.map((each) => `${each.length.toString(16)};a=b\r\n${each}\r\n`).join('')}0\r\nX: y\r\n\r\n`;
      const bytes = Buffer.from(`${wire}GET next`);
      const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
      const pieces = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
      t.deepEqual(unchunked(pieces), { text: chunks.join(''), state: 'done', rest: 'GET next' });
    }),
  );
});

for (const wire of [
  'g\r\n',
  '-1\r\n',
  '0x5\r\nhello\r\n',
  ' 5\r\nhello\r\n',
  '5 \r\nhello\r\n',
  '5\nhello\r\n',
  '5\r\nhello!\r\n',
  '5\r\nhello\n',
  '\r\n',
  'ffffffffffffff\r\n',
  `5;${'x'.repeat(1100)}`,
  '0\r\nX y\r\n\r\n',
  '0\r\nX : y\r\n\r\n',
  `0\r\n${'X: y\r\n'.repeat(1500)}`,
]) {
  test(`a chunk that is none is refused: ${JSON.stringify(wire.slice(0, 30))}`, (t) => {
    t.is(unchunked([Buffer.from(wire)]).state, 'bad');
    t.is(unchunked(Array.from(wire, (character) => Buffer.from(character))).state, 'bad');
  });
}
