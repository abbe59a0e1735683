import test from 'ava';
import fc from 'fast-check';
import {
  decodeAddress,
  encodeAddress,
  formatDestination,
  type Destination,
} from '../../src/protocol/address.ts';
import { endpoint, hostName, port } from '../support/arbitraries.ts';
import { asksForMore, ignoresSplits, neverThrows } from '../support/codec.ts';
import { ip } from '../support/ip.ts';

const validMessage = fc.oneof(
  endpoint.map(encodeAddress),
  fc.tuple(hostName, port).map(([name, at]) => nameMessage(name, at)),
);

const decode = (bytes: Uint8Array) => decodeAddress(bytes, 0);

test('decodeAddress() asks for more on every prefix', (t) => asksForMore(t, decode, validMessage));
test('decodeAddress() never throws', (t) => neverThrows(t, decode));
test('decodeAddress() does not care how the bytes come', (t) => ignoresSplits(t, decode, validMessage));

test('decodeAddress() reads back what encodeAddress() writes', (t) => {
  fc.assert(
    fc.property(endpoint, (value) => {
      const bytes = encodeAddress(value);
      t.deepEqual(decodeAddress(bytes, 0), {
        kind: 'done',
        value: { kind: 'ip', ...value },
        size: bytes.length,
      });
    }),
  );
});

test('decodeAddress() reads a host name in lower case with its port', (t) => {
  fc.assert(
    fc.property(hostName, port, fc.boolean(), (name, at, upper) => {
      const message = nameMessage(upper ? name.toUpperCase() : name, at);
      t.deepEqual(decodeAddress(message, 0), {
        kind: 'done',
        value: { kind: 'name', name, port: at },
        size: message.length,
      });
    }),
  );
});

test('decodeAddress() answers any bytes at any offset, and never counts beyond them', (t) => {
  const tagged = fc
    .tuple(fc.constantFrom(1, 3, 4), fc.uint8Array({ maxLength: 300 }))
    .map(([atyp, rest]) => Uint8Array.of(atyp, ...rest));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), tagged), fc.nat(3), (bytes, offset) => {
      const decoded = decodeAddress(bytes, offset);
      if (decoded.kind === 'done') t.true(decoded.size <= bytes.length);
      if (decoded.kind === 'more') t.true(decoded.atLeast > bytes.length);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('what stands before and behind the address does not change it', (t) => {
  fc.assert(
    fc.property(validMessage, fc.uint8Array(), fc.uint8Array(), (message, before, behind) => {
      const alone = decodeAddress(message, 0);
      const within = decodeAddress(Uint8Array.of(...before, ...message, ...behind), before.length);
      if (alone.kind !== 'done') return t.fail(alone.kind);
      t.deepEqual(within, { ...alone, size: before.length + message.length });
    }),
  );
});

const WIRE: readonly (readonly [string, Destination | string])[] = [
  ['01 c0000201 01bb', { kind: 'ip', ip: ip('192.0.2.1'), port: 443 }],
  ['01 00000000 0000', { kind: 'ip', ip: ip('0.0.0.0'), port: 0 }],
  ['04 20010db8000000000000000000000001 ffff', { kind: 'ip', ip: ip('2001:db8::1'), port: 65535 }],
  ['04 00000000000000000000ffff7f000001 0050', { kind: 'ip', ip: ip('127.0.0.1'), port: 80 }],
  ['03 01 61 0050', { kind: 'name', name: 'a', port: 80 }],
  ['00', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['02', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['09 c0000201 01bb', 'ADDRESS_TYPE_UNSUPPORTED'],
  ['ff', 'ADDRESS_TYPE_UNSUPPORTED'],
];

for (const [hex, expected] of WIRE) {
  test(`decodeAddress() of ${hex} is ${JSON.stringify(expected)}`, (t) => {
    const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    t.deepEqual(
      decodeAddress(bytes, 0),
      typeof expected === 'string'
        ? { kind: 'bad', code: expected }
        : { kind: 'done', value: expected, size: bytes.length },
    );
  });
}

const LONGEST = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;

/** V5-17 and V5-18: the text of a name, and what it means; undefined is NAME_INVALID. */
const NAMES: readonly (readonly [string, string | undefined])[] = [
  ['example.org', 'name example.org'],
  ['Example.ORG', 'name example.org'],
  ['example.org.', 'name example.org'],
  ['localhost', 'name localhost'],
  ['_dmarc.example.org', 'name _dmarc.example.org'],
  ['xn--bcher-kva.example', 'name xn--bcher-kva.example'],
  ['3com.com', 'name 3com.com'],
  ['1.example', 'name 1.example'],
  ['0x7f.example', 'name 0x7f.example'],
  [LONGEST, `name ${LONGEST}`],
  [`${LONGEST}.`, `name ${LONGEST}`],
  ['127.0.0.1', 'ip 127.0.0.1'],
  ['::1', 'ip ::1'],
  ['2001:DB8::1', 'ip 2001:db8::1'],
  ['::ffff:127.0.0.1', 'ip 127.0.0.1'],
  ['[::1]', 'ip ::1'],
  ['[2001:DB8::1]', 'ip 2001:db8::1'],
  ['[::ffff:127.0.0.1]', 'ip 127.0.0.1'],
  ['', undefined],
  ['.', undefined],
  ['..', undefined],
  ['.example.org', undefined],
  ['example..org', undefined],
  ['example.org..', undefined],
  [`${LONGEST}d`, undefined],
  ['a'.repeat(64), undefined],
  ['a'.repeat(255), undefined],
  ['127.0.0.1\0evil', undefined],
  ['127.0.0.1\0', undefined],
  ['\0', undefined],
  ['example.org\0', undefined],
  ['example.org\n', undefined],
  ['exam ple.org', undefined],
  ['bücher.example', undefined],
  ['example.org:80', undefined],
  ['http://example.org', undefined],
  ['user@example.org', undefined],
  ['*.example.org', undefined],
  ['[127.0.0.1]', undefined],
  ['[::1', undefined],
  ['[::1].', undefined],
  ['[fe80::1%eth0]', undefined],
  ['::1%lo', undefined],
  ['fe80::1%eth0', undefined],
  ['127.1', undefined],
  ['0x7f.1', undefined],
  ['2130706433', undefined],
  ['0177.0.0.1', undefined],
  ['0x7f000001', undefined],
  ['0X7F000001', undefined],
  ['127.0.0.0x1', undefined],
  ['127.0.0.0x', undefined],
  ['127.0.0.01', undefined],
  ['127.0.0.1.', undefined],
  ['127.1.', undefined],
  ['256.256.256.256', undefined],
  ['example.1', undefined],
];

for (const [text, meaning] of NAMES) {
  test(`the name ${JSON.stringify(text)} means ${meaning ?? 'nothing'}`, (t) => {
    const message = nameMessage(text, 80);
    const decoded = decodeAddress(message, 0);
    if (meaning === undefined) return t.deepEqual(decoded, { kind: 'bad', code: 'NAME_INVALID' });
    const [kind, value] = meaning.split(' ');
    const absolute = text.endsWith('.') ? { isAbsolute: true } : {};
    const expected = { kind, [kind === 'ip' ? 'ip' : 'name']: value, port: 80, ...absolute };
    t.deepEqual(decoded as object, { kind: 'done', value: expected, size: message.length });
  });
}

test('formatDestination() puts IPv6 addresses in brackets', (t) => {
  t.is(formatDestination({ kind: 'name', name: 'example.org', port: 443 }), 'example.org:443');
  t.is(formatDestination({ kind: 'ip', ip: ip('192.0.2.1'), port: 443 }), '192.0.2.1:443');
  t.is(formatDestination({ kind: 'ip', ip: ip('2001:db8::1'), port: 443 }), '[2001:db8::1]:443');
});

/** `ATYP LEN NAME PORT`, one byte for each character. */
function nameMessage(name: string, at: number): Uint8Array {
  return Uint8Array.of(3, name.length, ...Buffer.from(name, 'latin1'), at >> 8, at & 0xff);
}
