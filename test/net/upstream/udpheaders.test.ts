import test from 'ava';
import fc from 'fast-check';
import { unwrapDatagram, wrapHeaders } from '../../../src/net/proxies/udpheaders.ts';
import { encodeDatagramHeader } from '../../../src/protocol/datagram.ts';
import { destination, endpoint } from '../../support/destinations.ts';
import { at } from '../../support/legs.ts';

const relays = fc.array(
  endpoint.map((each) => ({ kind: 'ip' as const, ...each })),
  { maxLength: 4 },
);
const payload = fc.uint8Array({ maxLength: 40 });

const ONE = { kind: 'ip', ...at(1) } as const;
const TWO = { kind: 'ip', ...at(2) } as const;
const NAMED = { kind: 'name', name: 'two.test', port: 2 } as const;

function datagram(...parts: readonly (Parameters<typeof encodeDatagramHeader>[0] | string)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : encodeDatagramHeader(part))),
  );
}

test('what is wrapped for a chain is unwrapped as it was, whatever the chain', (t) => {
  fc.assert(
    fc.property(relays, destination, payload, (chain, target, data) => {
      const bytes = Buffer.concat([wrapHeaders(chain), encodeDatagramHeader(target), data]);
      t.deepEqual(unwrapDatagram(bytes, chain), {
        kind: 'whole',
        source: target,
        payload: bytes.subarray(bytes.length - data.length),
      });
    }),
  );
});

test('of the headers none may be cut short', (t) => {
  fc.assert(
    fc.property(relays, destination, fc.nat(), (chain, target, cut) => {
      const whole = Buffer.concat([wrapHeaders(chain), encodeDatagramHeader(target)]);
      t.is(unwrapDatagram(whole.subarray(0, cut % whole.length), chain).kind, 'malformed');
    }),
  );
});

test('any bytes whatsoever are taken or not, and never more of them than there are', (t) => {
  fc.assert(
    fc.property(relays, fc.uint8Array({ maxLength: 120 }), (chain, bytes) => {
      const unwrapped = unwrapDatagram(bytes, chain);
      t.true(unwrapped.kind !== 'whole' || unwrapped.payload.length < bytes.length);
    }),
  );
});

test('wrapHeaders() has a header for each proxy, the nearest first', (t) => {
  t.is(
    Buffer.from(wrapHeaders([ONE, NAMED])).toString('hex'),
    '000000017f0000010001' + '000000030874776f2e746573740002',
  );
  t.is(wrapHeaders([]).length, 0);
});

for (const [what, bytes, kind] of [
  ['from the next proxy', datagram(ONE, TWO, 'x'), 'whole'],
  ['from another port', datagram({ ...at(3) }, TWO, 'x'), 'stranger'],
  ['from another address', datagram(at(1, '127.0.0.2'), TWO, 'x'), 'stranger'],
  ['from a name in its place', datagram({ kind: 'name', name: 'localhost', port: 1 }, TWO, 'x'), 'stranger'],
  ['with one header only', datagram(ONE, 'x'), 'malformed'],
  ['with no header', Buffer.from('x'), 'malformed'],
  ['that is empty', Buffer.alloc(0), 'malformed'],
  ['in pieces for the next proxy', Buffer.from(datagram(ONE, TWO)).fill(1, 2, 3), 'fragment'],
  ['in pieces for us', Buffer.from(datagram(ONE, TWO)).fill(1, 12, 13), 'fragment'],
] as const) {
  test(`a datagram ${what} is ${kind}`, (t) => {
    t.is(unwrapDatagram(bytes, [ONE]).kind, kind);
  });
}

test('of a proxy that is known by name any address is right, with its port', (t) => {
  t.is(unwrapDatagram(datagram(at(2, '192.0.2.1'), ONE, 'x'), [NAMED]).kind, 'whole');
  t.is(unwrapDatagram(datagram(at(3, '192.0.2.1'), ONE, 'x'), [NAMED]).kind, 'stranger');
});
