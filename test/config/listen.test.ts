import test from 'ava';
import fc from 'fast-check';
import type { ListenAddress } from '../../src/config/model/config.ts';
import { BIND_ADDRESS } from '../../src/config/values/endpoints.ts';
import { formatListen, interfaceOf, LISTEN_ADDRESS } from '../../src/config/values/listen.ts';
import { ip } from '../support/ip.ts';

const READING = { origin: {}, folder: '.', portOf: (name: string) => (name === 'socks' ? 1080 : undefined) };
const endpoint = (address: string, port: number): ListenAddress => ({
  kind: 'endpoint',
  endpoint: { ip: ip(address), port },
});

const GOOD: readonly (readonly [text: string, address: ListenAddress])[] = [
  ['*:1080', { kind: 'any', port: 1080 }],
  ['*', { kind: 'any', port: 1080 }],
  [':1081', { kind: 'any', port: 1081 }],
  ['*:socks', { kind: 'any', port: 1080 }],
  ['*:0', { kind: 'any', port: 0 }],
  ['127.0.0.1', endpoint('127.0.0.1', 1080)],
  ['127.0.0.1:65535', endpoint('127.0.0.1', 65535)],
  ['[::1]:21080', endpoint('::1', 21080)],
  ['[::1]', endpoint('::1', 1080)],
  ['::1', endpoint('::1', 1080)],
  ['2001:DB8:0::1', endpoint('2001:db8::1', 1080)],
  ['proxy.example.org:socks', { kind: 'name', host: 'proxy.example.org', port: 1080 }],
  ['localhost', { kind: 'name', host: 'localhost', port: 1080 }],
  ['@eth0:1081', { kind: 'interface', name: 'eth0', port: 1081 }],
  ['[fe80::1%eth0]:1081', endpoint('fe80::1%eth0', 1081)],
  ['@wg-home', { kind: 'interface', name: 'wg-home', port: 1080 }],
];

for (const [text, address] of GOOD) {
  test(`a listen address may be ${text}`, (t) => {
    t.deepEqual(LISTEN_ADDRESS.parse(text, READING), { kind: 'value', value: address });
  });
}

const BAD: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /empty/],
  [':', /"" is neither a port/],
  ['*:', /"" is neither a port/],
  ['*:65536', /ends? at 65535/],
  ['*:-1', /"-1" is neither a port/],
  ['*:nosuch', /"nosuch" is neither a port nor a service/],
  ['1080', /write :1080/],
  ['127.1:1080', /not a listen address/],
  ['0x7f.1', /not a listen address/],
  ['256.0.0.1', /not a listen address/],
  ['[127.0.0.1]:1080', /only those stand in brackets/],
  ['[2001:db8::1%eth0]:1080', /not an IPv6 address/],
  ['[fe80::1%2]:1080', /not an IPv6 address/],
  ['[fe80::1]:1080', /write \[fe80::1%INTERFACE\]:1080, or @INTERFACE:1080/],
  ['fe80::1:1080:', /brackets/],
  ['a b:1', /not a listen address/],
  ['@:1080', /not a listen address/],
  ['@a-name-over-15-bytes:1080', /not a listen address/],
  ['@a/b', /not a listen address/],
];

for (const [text, why] of BAD) {
  test(`a listen address must not be ${JSON.stringify(text)}`, (t) => {
    const parsed = LISTEN_ADDRESS.parse(text, READING);
    t.is(parsed.kind, 'wrong');
    if (parsed.kind === 'wrong') t.regex(parsed.why, why);
  });
}

test('formatListen() writes what reads back', (t) => {
  for (const [, address] of GOOD) {
    t.deepEqual(LISTEN_ADDRESS.parse(formatListen(address), READING), { kind: 'value', value: address });
  }
});

test('any text is read or refused, and what is read reads back', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('*', ':', '@', '[', ']', '1', '080', 'a', '.', 'eth0', '::'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      const parsed = LISTEN_ADDRESS.parse(each, READING);
      if (parsed.kind === 'value') {
        t.deepEqual(LISTEN_ADDRESS.parse(formatListen(parsed.value), READING), parsed);
      }
    }),
  );
});

test('interfaceOf() knows names of interfaces by their @', (t) => {
  t.is(interfaceOf('@eth0'), 'eth0');
  t.is(interfaceOf('eth0'), undefined);
});

test('BIND waits on a link-local address only where that has its interface', (t) => {
  const read = (text: string) => BIND_ADDRESS.parse(text, READING).kind;
  t.deepEqual(['fe80::1%eth0', 'fe80::1', '2001:db8::1'].map(read), ['value', 'wrong', 'value']);
});
