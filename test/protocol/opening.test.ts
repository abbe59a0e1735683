import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes } from '../../src/base/ip.ts';
import { decodeOpening, type Opening } from '../../src/protocol/opening.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const greeting = fc
  .array(fc.nat(255), { maxLength: 255 })
  .map((methods): Opening => ({ version: 5, greeting: { methods } }));
const socks4 = fc
  .record({
    command: fc.nat(255),
    userId: fc.uint8Array({ min: 1, maxLength: 255 }).map((bytes) => Buffer.from(bytes)),
    quad: fc.uint8Array({ min: 1, minLength: 4, maxLength: 4 }),
    port: fc.nat(65_535),
  })
  .map(({ command, userId, quad, port }): Opening => {
    const destination = { kind: 'ip', ip: ipFromBytes(quad), port } as const;
    return { version: 4, request: { command, userId, destination } };
  });
const http = fc
  .constantFrom('G', 'c', 'z', 'SE', 'PU', 'PRI', 'PROP', 'SSHX', 'PROXYX')
  .map((begun): Opening => ({ version: 'http', begun }));
const opening = fc.oneof(greeting, socks4, http);

function encode(value: Opening): Buffer {
  if (value.version === 'http') return Buffer.from(value.begun);
  if (value.version === 5) {
    const { methods } = value.greeting;
    return Buffer.of(5, methods.length, ...methods);
  }
  const { command, userId, destination } = value.request;
  if (destination?.kind !== 'ip') throw new TypeError('addresses only');
  const head = [4, command, destination.port >> 8, destination.port & 0xff];
  return Buffer.concat([Buffer.of(...head, ...destination.ip.split('.').map(Number)), userId, Buffer.of(0)]);
}
const valid = opening.map(encode);

test('decodeOpening() asks for more on every prefix', (t) => asksForMore(t, decodeOpening, valid));
test('decodeOpening() reads back greetings and SOCKS4 requests', (t) =>
  roundTrips(t, decodeOpening, opening, encode));
test('decodeOpening() never throws', (t) => {
  neverThrows(t, decodeOpening);
  for (const version of [4, 5]) {
    neverThrows(t, (bytes) =>
      decodeOpening(Uint8Array.from(bytes, (byte, at) => (at === 0 ? version : byte))),
    );
  }
});
test('decodeOpening() does not care how the bytes come', (t) => ignoresSplits(t, decodeOpening, valid));

test('decodeOpening() knows by the first byte what it cannot serve (V5-6)', (t) => {
  for (let version = 0; version < 256; version++) {
    const decoded = decodeOpening(Uint8Array.of(version));
    const letter = /[A-Za-z]/.exec(String.fromCharCode(version))?.[0];
    if (version === 4 || version === 5) t.is(decoded.kind, 'more');
    else if (letter === 'S' || letter === 'P') t.is(decoded.kind, 'more');
    else if (letter !== undefined)
      t.deepEqual(decoded, { kind: 'done', value: { version: 'http', begun: letter }, size: 1 });
    else if (version === 0x16) t.deepEqual(decoded, { kind: 'bad', code: 'TLS_UNEXPECTED' });
    else t.deepEqual(decoded, { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  }
});

test('decodeOpening() answers neither SSH nor the PROXY protocol in HTTP', (t) => {
  for (const text of ['SSH-', 'PROXY '])
    t.deepEqual(decodeOpening(Buffer.from(text)), { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  for (const text of ['SSH', 'PROXY']) t.is(decodeOpening(Buffer.from(text)).kind, 'more');
  for (const text of ['SSHELL ', 'PROXIES ']) t.is(decodeOpening(Buffer.from(text)).kind, 'done', text);
});
