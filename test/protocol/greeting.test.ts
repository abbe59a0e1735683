import test from 'ava';
import fc from 'fast-check';
import { METHOD, type Method } from '../../src/protocol/codes.ts';
import {
  decodeGreeting,
  decodeMethod,
  encodeGreeting,
  encodeMethod,
  type Greeting,
} from '../../src/protocol/greeting.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const greeting = fc.array(fc.nat(255), { maxLength: 255 }).map((methods): Greeting => ({ methods }));
const encode = ({ methods }: Greeting) => Uint8Array.of(5, methods.length, ...methods);
const valid = greeting.map(encode);

test('decodeGreeting() asks for more on every prefix', (t) => asksForMore(t, decodeGreeting, valid));
test('decodeGreeting() reads back every list of methods', (t) =>
  roundTrips(t, decodeGreeting, greeting, encode));
test('decodeGreeting() never throws', (t) => neverThrows(t, decodeGreeting));
test('decodeGreeting() does not care how the bytes come', (t) => ignoresSplits(t, decodeGreeting, valid));

test('decodeGreeting() refuses every version but 5 at its first byte', (t) => {
  for (let version = 0; version < 256; version++) {
    if (version === 5) continue;
    t.deepEqual(decodeGreeting(Uint8Array.of(version)), { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  }
});

test('encodeMethod() writes two bytes', (t) => {
  t.deepEqual([...encodeMethod(METHOD.USERPASS)], [5, 2]);
  t.deepEqual([...encodeMethod(METHOD.UNACCEPTABLE)], [5, 255]);
});

test('encodeGreeting() writes what decodeGreeting() reads', (t) => {
  const methods = fc.array(fc.constantFrom<Method>(...Object.values(METHOD)), { maxLength: 255 });
  fc.assert(
    fc.property(methods, (offered) => {
      const bytes = encodeGreeting(offered);
      const value = { methods: offered };
      t.deepEqual<unknown, unknown>(decodeGreeting(bytes), { kind: 'done', value, size: bytes.length });
    }),
  );
  t.deepEqual([...encodeGreeting([METHOD.NONE, METHOD.USERPASS])], [5, 2, 0, 2]);
});

const method = fc.nat(255);
const encodeAnyMethod = (value: number) => Uint8Array.of(5, value);

test('decodeMethod() asks for more on every prefix', (t) =>
  asksForMore(t, decodeMethod, method.map(encodeAnyMethod)));
test('decodeMethod() reads back every method', (t) => roundTrips(t, decodeMethod, method, encodeAnyMethod));
test('decodeMethod() never throws', (t) => neverThrows(t, decodeMethod));
test('decodeMethod() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeMethod, method.map(encodeAnyMethod)));

test('decodeMethod() refuses every version but 5 at its first byte', (t) => {
  for (const version of [0, 1, 4, 0x48, 255]) {
    t.deepEqual(decodeMethod(Uint8Array.of(version)), { kind: 'bad', code: 'VERSION_UNSUPPORTED' });
  }
});
