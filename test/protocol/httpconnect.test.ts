import test from 'ava';
import fc from 'fast-check';
import type { Destination } from '../../src/protocol/address.ts';
import { decodeConnectAnswer, encodeConnect, type ConnectAnswer } from '../../src/protocol/httpconnect.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';
import { ip } from '../support/ip.ts';

/** No control characters, and no space that would count as none. */
const words = fc.stringMatching(/^[!-~\xa0-\xff]([ -~\xa0-\xff]{0,40}[!-~\xa0-\xff])?$/);
const answer: fc.Arbitrary<ConnectAnswer> = fc.record(
  { status: fc.integer({ min: 100, max: 599 }), reason: fc.oneof(fc.constant(''), words) },
  { noNullPrototype: true },
);
const encode = ({ status, reason }: ConnectAnswer, header: readonly string[] = [], eol = '\r\n') =>
  Buffer.from([`HTTP/1.1 ${status} ${reason}`, ...header, '', ''].join(eol), 'latin1');
const header = fc.array(
  fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,20}$/), words).map((parts) => parts.join(': ')),
  {
    maxLength: 8,
  },
);
const valid = fc
  .tuple(answer, header, fc.constantFrom('\r\n', '\n'))
  .map(([value, lines, eol]) => encode(value, lines, eol));

test('decodeConnectAnswer() asks for more on every prefix', (t) =>
  asksForMore(t, decodeConnectAnswer, valid));
test('decodeConnectAnswer() reads back status and reason', (t) => {
  roundTrips(t, decodeConnectAnswer, answer, (value) => encode(value));
  roundTrips(t, decodeConnectAnswer, answer, (value) => encode(value, ['Content-Length: 7', 'X: y'], '\n'));
});
test('decodeConnectAnswer() never throws', (t) => {
  neverThrows(t, decodeConnectAnswer);
  neverThrows(t, (bytes) => decodeConnectAnswer(Buffer.concat([Buffer.from('HTTP/1.1 200 '), bytes])));
});
test('decodeConnectAnswer() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeConnectAnswer, valid));

test('decodeConnectAnswer() leaves what follows the blank line alone, whatever the header says of it', (t) => {
  const head =
    'HTTP/1.0 200 Connection established\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n';
  t.deepEqual(decodeConnectAnswer(Buffer.from(`${head}HTTP/1.1 500 no\r\n\r\n`)), {
    kind: 'done',
    value: { status: 200, reason: 'Connection established' },
    size: head.length,
  });
});

const BAD: readonly [what: string, text: string][] = [
  ['SOCKS5', '\x05\xff'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['HTTP/2', 'HTTP/2'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n'],
  ['a status above 599', 'HTTP/1.1 600 OK\r\n'],
  ['no status', 'HTTP/1.1\r\n'],
  ['a NUL in the reason', 'HTTP/1.1 200 O\0K\r\n'],
  ['a control character in the header', 'HTTP/1.1 200 OK\r\nX: \x1b[2J\r\n'],
  ['a CR within a line', 'HTTP/1.1 200 OK\r\nX: a\rb\r\n'],
  ['a status line without an end', `HTTP/1.1 200 ${'a'.repeat(8200)}`],
  ['headers without an end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(2000)}`],
];
for (const [what, text] of BAD) {
  test(`decodeConnectAnswer() refuses ${what}`, (t) => {
    const bytes = Buffer.from(text, 'latin1');
    t.deepEqual(decodeConnectAnswer(bytes), { kind: 'bad', code: 'MESSAGE_MALFORMED' });
  });
}

test('decodeConnectAnswer() takes a header of 8192 bytes, and none that is longer', (t) => {
  const start = 'HTTP/1.1 200 OK\r\nX: ';
  const ofSize = (size: number) => Buffer.from(`${start}${'y'.repeat(size - start.length - 4)}\r\n\r\n`);
  t.is(decodeConnectAnswer(ofSize(8192)).kind, 'done');
  t.is(decodeConnectAnswer(ofSize(8193)).kind, 'bad');
});

const TARGETS: readonly [Destination, string][] = [
  [{ kind: 'name', name: 'example.org', port: 443 }, 'example.org:443'],
  [{ kind: 'ip', ip: ip('192.0.2.1'), port: 80 }, '192.0.2.1:80'],
  [{ kind: 'ip', ip: ip('2001:db8::1'), port: 80 }, '[2001:db8::1]:80'],
];
for (const [destination, target] of TARGETS) {
  test(`encodeConnect() asks for ${target}`, (t) => {
    const request = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n`;
    t.is(Buffer.from(encodeConnect(destination)).toString(), `${request}\r\n`);
    const credentials = { user: Buffer.from('Aladdin'), password: Buffer.from('open sesame') };
    const basic = 'Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==';
    t.is(Buffer.from(encodeConnect(destination, credentials)).toString(), `${request}${basic}\r\n\r\n`);
  });
}
