import test from 'ava';
import fc from 'fast-check';
import {
  decodeUserPass,
  decodeUserPassStatus,
  encodeUserPass,
  encodeUserPassStatus,
  type UserPass,
} from '../../src/protocol/userpass.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../support/codec.ts';

const field = fc.uint8Array({ maxLength: 255 }).map((bytes) => Buffer.from(bytes));
const userPass = fc.record({ user: field, password: field }, { noNullPrototype: true });
const encode = ({ user, password }: UserPass) =>
  Buffer.concat([Uint8Array.of(1, user.length), user, Uint8Array.of(password.length), password]);
const valid = userPass.map(encode);

test('decodeUserPass() asks for more on every prefix', (t) => asksForMore(t, decodeUserPass, valid));
test('decodeUserPass() reads back all bytes', (t) =>
  roundTrips<UserPass>(t, decodeUserPass, userPass, encode));
test('decodeUserPass() never throws', (t) => neverThrows(t, decodeUserPass));
test('decodeUserPass() does not care how the bytes come', (t) => ignoresSplits(t, decodeUserPass, valid));

test('decodeUserPass() refuses every version but 1 at its first byte (UP-4)', (t) => {
  for (const version of [0, 2, 4, 5, 255]) {
    t.deepEqual(decodeUserPass(Uint8Array.of(version)), { kind: 'bad', code: 'LOGIN_VERSION_UNSUPPORTED' });
  }
});

test('encodeUserPassStatus() writes 00 for success and 01 for failure', (t) => {
  t.deepEqual([...encodeUserPassStatus('success')], [1, 0]);
  t.deepEqual([...encodeUserPassStatus('failure')], [1, 1]);
});

test('encodeUserPass() writes both with their lengths', (t) => {
  fc.assert(fc.property(userPass, (value) => t.deepEqual([...encodeUserPass(value)], [...encode(value)])));
});

const status = fc.nat(255);
const encodeAnyStatus = (value: number) => Uint8Array.of(1, value);

test('decodeUserPassStatus() asks for more on every prefix', (t) =>
  asksForMore(t, decodeUserPassStatus, status.map(encodeAnyStatus)));
test('decodeUserPassStatus() reads back every status', (t) =>
  roundTrips(t, decodeUserPassStatus, status, encodeAnyStatus));
test('decodeUserPassStatus() never throws', (t) => neverThrows(t, decodeUserPassStatus));
test('decodeUserPassStatus() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeUserPassStatus, status.map(encodeAnyStatus)));

test('decodeUserPassStatus() refuses every version but 1 at its first byte', (t) => {
  for (const version of [0, 2, 5, 255]) {
    const expected = { kind: 'bad', code: 'LOGIN_VERSION_UNSUPPORTED' } as const;
    t.deepEqual(decodeUserPassStatus(Uint8Array.of(version)), expected);
  }
});
