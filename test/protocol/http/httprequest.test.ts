import test from 'ava';
import fc from 'fast-check';
import { destinationOf, formatDestination, type Destination } from '../../../src/protocol/address.ts';
import { encodeHead } from '../../../src/protocol/http/httphead.ts';
import {
  decodeHttpRequest,
  persists,
  requestLine,
  REQUEST_HEAD,
  type HttpRequest,
  type HttpTarget,
} from '../../../src/protocol/http/httprequest.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../../support/codec.ts';
import { ip } from '../../support/ip.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.constantFrom(
  'example.org',
  'a-b.c_d.test',
  '192.0.2.1',
  '[2001:db8::1]',
  '[::1]',
  'localhost',
);
const destination = fc
  .tuple(host, port)
  .map(([name, number]): Destination => destinationOf(name, number) as Destination);
const authority = destination.map((each): HttpTarget => ({ kind: 'authority', destination: each }));
const absolute = fc
  .tuple(destination, fc.stringMatching(/^\/[!$-~]{0,30}$/))
  .map(([each, path]): HttpTarget => {
    return { kind: 'absolute', destination: each, authority: formatDestination(each), path };
  });
const origin = fc.constantFrom('/', '/proxy.pac', '*').map((path): HttpTarget => ({ kind: 'origin', path }));
/** A value begins and ends with something else than a blank. */
const field = fc.record(
  {
    name: fc.stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/),
    value: fc.stringMatching(/^(?:[!-~\xa0-\xff](?:[ \t!-~\xa0-\xff]{0,30}[!-~\xa0-\xff])?)?$/),
  },
  { noNullPrototype: true },
);
const request: fc.Arbitrary<HttpRequest> = fc
  .tuple(fc.oneof(authority, absolute, origin), fc.constantFrom(0, 1), fc.array(field, { maxLength: 8 }))
  .map(([target, minor, fields]): HttpRequest => {
    const method = target.kind === 'authority' ? 'CONNECT' : 'PROPFIND';
    const all = [...fields, { name: 'hOst', value: 'example.org' }];
    return { method, target, minor: minor === 0 ? 0 : 1, fields: all, framing: { kind: 'none' } };
  });

function encode(value: HttpRequest): Uint8Array {
  return encodeHead(requestLine(value, targetText(value.target)), value.fields);
}

function targetText(target: HttpTarget): string {
  if (target.kind === 'authority') return formatDestination(target.destination);
  return target.kind === 'origin' ? target.path : `http://${target.authority}${target.path}`;
}

const valid = request.map(encode);

test('decodeHttpRequest() asks for more on every prefix', (t) => asksForMore(t, decodeHttpRequest, valid));
test('decodeHttpRequest() reads back what was encoded', (t) =>
  roundTrips(t, decodeHttpRequest, request, encode));
test('decodeHttpRequest() never throws', (t) => {
  neverThrows(t, decodeHttpRequest);
  neverThrows(t, (bytes) =>
    decodeHttpRequest(Buffer.concat([Buffer.from('GET http://a/ HTTP/1.1\r\nHost: a\r\n'), bytes])),
  );
});
test('decodeHttpRequest() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeHttpRequest, valid));

function decode(text: string) {
  return decodeHttpRequest(Buffer.from(text, 'latin1'));
}

/** With a Host, and a blank line. */
function head(line: string, ...fields: string[]): string {
  return [line, 'Host: h', ...fields, '', ''].join('\r\n');
}

const TARGETS: readonly (readonly [line: string, target: HttpTarget])[] = [
  [
    'CONNECT Example.ORG.:443 HTTP/1.1',
    { kind: 'authority', destination: { kind: 'name', name: 'example.org', port: 443, isAbsolute: true } },
  ],
  [
    'CONNECT 192.0.2.1:1 HTTP/1.0',
    { kind: 'authority', destination: { kind: 'ip', ip: ip('192.0.2.1'), port: 1 } },
  ],
  [
    'CONNECT [2001:db8::1]:65535 HTTP/1.1',
    { kind: 'authority', destination: { kind: 'ip', ip: ip('2001:db8::1'), port: 65_535 } },
  ],
  [
    'CONNECT [::ffff:127.0.0.1]:80 HTTP/1.1',
    { kind: 'authority', destination: { kind: 'ip', ip: ip('127.0.0.1'), port: 80 } },
  ],
  [
    'GET HTTP://a:8080?x HTTP/1.1',
    {
      kind: 'absolute',
      destination: { kind: 'name', name: 'a', port: 8080 },
      authority: 'a:8080',
      path: '/?x',
    },
  ],
  // As wget, apt and urllib ask for it.
  [
    'CONNECT 2001:db8::80:443 HTTP/1.1',
    { kind: 'authority', destination: { kind: 'ip', ip: ip('2001:db8::80'), port: 443 } },
  ],
  ['CONNECT ::1:80 HTTP/1.1', { kind: 'authority', destination: { kind: 'ip', ip: ip('::1'), port: 80 } }],
  // As curl sends what is typed: UTF-8.
  [
    'GET http://a/\xc3\xbc?x=\xe2\x82\xac HTTP/1.1',
    {
      kind: 'absolute',
      destination: { kind: 'name', name: 'a', port: 80 },
      authority: 'a',
      path: '/%C3%BC?x=%E2%82%AC',
    },
  ],
  [
    'OPTIONS http://a HTTP/1.1',
    { kind: 'absolute', destination: { kind: 'name', name: 'a', port: 80 }, authority: 'a', path: '*' },
  ],
  [
    'GET http://a//b?http://c@d HTTP/1.1',
    {
      kind: 'absolute',
      destination: { kind: 'name', name: 'a', port: 80 },
      authority: 'a',
      path: '//b?http://c@d',
    },
  ],
];
for (const [line, target] of TARGETS) {
  test(`decodeHttpRequest() reads ${line}`, (t) => {
    const decoded = decode(head(line));
    t.is(decoded.kind, 'done');
    if (decoded.kind === 'done') t.deepEqual(decoded.value.target, target);
  });
}

test('decodeHttpRequest() takes CONNECT of HTTP/1.0 without Host, and of Java with a Host that lacks the port', (t) => {
  t.is(decode('CONNECT h:1 HTTP/1.0\r\n\r\n').kind, 'done');
  t.is(decode('CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n').kind, 'done');
  t.is(decode('CONNECT ::1:80 HTTP/1.1\r\nHost: ::1:80\r\n\r\n').kind, 'done', 'wget');
});

test('decodeHttpRequest() says how long a body is, and that CONNECT has none', (t) => {
  const framing = (text: string) => {
    const decoded = decode(text);
    return decoded.kind === 'done' ? decoded.value.framing : decoded;
  };
  t.deepEqual(framing(head('POST http://a/ HTTP/1.1', 'Content-Length: 17')), { kind: 'length', bytes: 17 });
  t.deepEqual(framing(head('POST http://a/ HTTP/1.1', 'Content-Length: 0')), { kind: 'none' });
  t.deepEqual(framing(head('POST http://a/ HTTP/1.1', 'transfer-encoding: Chunked')), { kind: 'chunked' });
  t.deepEqual(framing(head('CONNECT a:1 HTTP/1.1', 'Content-Length: 5', 'Content-Length: 6')), {
    kind: 'none',
  });
});

const POST = 'POST http://a/ HTTP/1.1';
const BAD: readonly (readonly [what: string, text: string, code?: string])[] = [
  ['no request line', head('GET')],
  ['two spaces', head('GET  http://a/ HTTP/1.1')],
  ['a tab', head('GET\thttp://a/ HTTP/1.1')],
  ['a space at the end', head('GET http://a/ HTTP/1.1 ')],
  ['HTTP/0.9', head('GET http://a/')],
  ['HTTP/2.0', head('PRI * HTTP/2.0')],
  ['HTTP/1.9', head('GET http://a/ HTTP/1.9')],
  ['a target that is not ASCII', head('GET http://a/\xff HTTP/1.1')],
  ['a fragment', head('GET http://a/#b HTTP/1.1')],
  ['user information', head('GET http://a@b/ HTTP/1.1')],
  ['user information in CONNECT', head('CONNECT a@b:1 HTTP/1.1')],
  ['a URL of https', head('GET https://a/ HTTP/1.1')],
  ['a URL without a host', head('GET http:///b HTTP/1.1')],
  ['a URL of one slash', head('GET http:/a/ HTTP/1.1')],
  ['a backslash', head('GET http://a\\b/ HTTP/1.1')],
  ['a host and nothing else', head('GET a.test HTTP/1.1')],
  ['CONNECT without a port', head('CONNECT a HTTP/1.1')],
  ['CONNECT with an empty port', head('CONNECT a: HTTP/1.1')],
  ['CONNECT with a path', head('CONNECT a:1/ HTTP/1.1')],
  ['CONNECT with a URL', head('CONNECT http://a:1 HTTP/1.1')],
  ['a name with a colon', head('CONNECT a:b.test:80 HTTP/1.1')],
  ['a name with a colon that looks like an address', head('CONNECT ab:cd:80 HTTP/1.1'), 'NAME_INVALID'],
  ['an IPv6 address without brackets in a URL', head('GET http://::1:80/ HTTP/1.1')],
  ['a host beyond ASCII', head('GET http://a\xc3\xbc/ HTTP/1.1'), 'NAME_INVALID'],
  ['a zone', head('CONNECT [fe80::1%25eth0]:80 HTTP/1.1')],
  ['a port over 65535', head('CONNECT a:65536 HTTP/1.1')],
  ['a port with a leading zero', head('CONNECT a:080 HTTP/1.1')],
  ['a port with a sign', head('CONNECT a:+80 HTTP/1.1')],
  ['port 0', head('CONNECT a:0 HTTP/1.1'), 'PORT_INVALID'],
  ['an odd spelling of an address', head('CONNECT 127.1:80 HTTP/1.1'), 'NAME_INVALID'],
  ['a name that no host can have', head('CONNECT a%2eb:80 HTTP/1.1'), 'NAME_INVALID'],
  ['a name in brackets', head('CONNECT [abc]:80 HTTP/1.1'), 'NAME_INVALID'],
  ['two Host fields', head('GET http://a/ HTTP/1.1', 'host: b')],
  ['two Host fields that are equal', head('GET http://a/ HTTP/1.1', 'HOST: h')],
  ['a Host that is none', 'GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['HTTP/1.1 without Host', 'GET http://a/ HTTP/1.1\r\nX: y\r\n\r\n'],
  ['a folded field', head('GET http://a/ HTTP/1.1', 'X: a', ' b')],
  ['a space before the colon', head('GET http://a/ HTTP/1.1', 'X : a')],
  ['a line without a colon', head('GET http://a/ HTTP/1.1', 'X')],
  ['a name of nothing', head('GET http://a/ HTTP/1.1', ': x')],
  ['a NUL', head('GET http://a/ HTTP/1.1', 'X: a\0b')],
  ['a CR alone', head('GET http://a/ HTTP/1.1', 'X: a\rb')],
  ['an LF alone', head('GET http://a/ HTTP/1.1', 'X: a\nY: b')],
  ['lines that end in LF', 'GET http://a/ HTTP/1.1\nHost: a\n\n'],
  ['two lengths', head(POST, 'Content-Length: 5', 'Content-Length: 5')],
  ['a list of lengths', head(POST, 'Content-Length: 5, 5')],
  ['a length with a sign', head(POST, 'Content-Length: +5')],
  ['a length in hex', head(POST, 'Content-Length: 0x5')],
  ['a length with a leading zero', head(POST, 'Content-Length: 05')],
  ['a length beyond all files', head(POST, 'Content-Length: 9999999999999999')],
  ['a length beside chunks', head(POST, 'Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['another coding', head(POST, 'Transfer-Encoding: xchunked')],
  ['a coding beside chunked', head(POST, 'Transfer-Encoding: gzip, chunked')],
  ['chunked twice', head(POST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['chunked, identity', head(POST, 'Transfer-Encoding: chunked, identity')],
  ['chunks in HTTP/1.0', head('POST http://a/ HTTP/1.0', 'Transfer-Encoding: chunked')],
  ['101 fields', head('GET http://a/ HTTP/1.1', ...Array<string>(100).fill('X: y')), 'HEAD_TOO_LONG'],
];
for (const [what, text, code = 'MESSAGE_MALFORMED'] of BAD) {
  test(`decodeHttpRequest() refuses ${what}`, (t) => {
    const decoded = decode(text);
    t.is(decoded.kind, 'bad');
    if (decoded.kind === 'bad') t.is<string, string>(decoded.code, code);
    t.deepEqual(decode(`${text}\r\nmore`), decoded);
  });
}

test('decodeHttpRequest() takes a head of the longest size, and none that is longer', (t) => {
  const ofSize = (size: number) => {
    const begun = 'GET http://a/ HTTP/1.1\r\nHost: a\r\nX: ';
    return `${begun}${'y'.repeat(size - begun.length - 4)}\r\n\r\n`;
  };
  t.is(decode(ofSize(REQUEST_HEAD.maxBytes)).kind, 'done');
  for (const text of [ofSize(REQUEST_HEAD.maxBytes + 1), 'a'.repeat(REQUEST_HEAD.maxBytes)]) {
    t.like(decode(text), { kind: 'bad', code: 'HEAD_TOO_LONG' });
  }
});

test('decodeHttpRequest() does not wait for the end of something else', (t) => {
  for (const text of ['GET\0', 'HELO example.org\r\n', 'GET / HTTP/1.0\n', 'USER a\r\n'])
    t.is(decode(text).kind, 'bad', text);
});

test('a field of blanks alone costs no more time than another one', (t) => {
  const started = performance.now();
  decode(head('GET http://a/ HTTP/1.1', `X: a${' '.repeat(16_000)}b`));
  const blanks = performance.now() - started;
  t.true(blanks < 1000, String(blanks));
});

test('persists() is true of HTTP/1.1 alone, unless it says close', (t) => {
  const of = (...lines: [string, ...string[]]) => {
    const decoded = decode(head(...lines));
    return decoded.kind === 'done' && persists(decoded.value);
  };
  t.true(of('GET http://a/ HTTP/1.1'));
  t.true(of('GET http://a/ HTTP/1.1', 'Proxy-Connection: Keep-Alive'));
  t.false(of('GET http://a/ HTTP/1.0', 'Connection: keep-alive'));
  t.false(of('GET http://a/ HTTP/1.1', 'Connection: x, Close'));
  t.false(of('GET http://a/ HTTP/1.1', 'proxy-connection: close'));
});
