import test from 'ava';
import fc from 'fast-check';
import { decodeReadyRequest, type ReadyRequest } from '../../src/protocol/doors/readyrequest.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const request: fc.Arbitrary<ReadyRequest> = fc.record(
  { method: fc.stringMatching(/^[A-Z]{1,16}$/), path: fc.stringMatching(/^\/[!-~]{0,60}$/) },
  { noNullPrototype: true },
);
const encode = ({ method, path }: ReadyRequest, lines: readonly string[] = [], eol = '\r\n'): Buffer =>
  Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join(eol), 'latin1');
const header = fc.array(fc.stringMatching(/^[A-Za-z-]{1,20}: [!-~][ -~]{0,30}$/), { maxLength: 8 });
const valid = fc
  .tuple(request, header, fc.constantFrom('\r\n', '\n'))
  .map(([value, lines, eol]) => encode(value, lines, eol));

test('decodeReadyRequest() asks for more on every prefix', (t) => asksForMore(t, decodeReadyRequest, valid));
test('decodeReadyRequest() reads back method and path', (t) =>
  roundTrips(t, decodeReadyRequest, request, (value) => encode(value, ['Host: x'])));
test('decodeReadyRequest() never throws', (t) => {
  neverThrows(t, decodeReadyRequest);
  neverThrows(t, (bytes) => decodeReadyRequest(Buffer.concat([Buffer.from('GET /ready '), bytes])));
});
test('decodeReadyRequest() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeReadyRequest, valid));

const BAD: readonly [what: string, text: string][] = [
  ['SOCKS', '\x05\x01\x00'],
  ['TLS', '\x16\x03\x01'],
  ['a method in lower case', 'get / HTTP/1.1\r\n\r\n'],
  ['no path', 'GET\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\n'],
  ['a NUL', 'GET /\0'],
  ['2048 bytes without an end', `GET / HTTP/1.1\r\nX: ${'y'.repeat(2030)}`],
];
for (const [what, text] of BAD) {
  test(`decodeReadyRequest() refuses ${what}`, (t) => {
    t.deepEqual(decodeReadyRequest(Buffer.from(text, 'latin1')), { kind: 'bad', code: 'MESSAGE_MALFORMED' });
  });
}
