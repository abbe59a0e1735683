// Messages out of a stream: one that is there already is returned, and any other promised.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { nextMessage, readMessage } from '../../src/net/read.ts';
import { decodeGreeting } from '../../src/protocol/greeting.ts';
import { FakeLeg } from '../support/fakeleg.ts';
import { ip } from '../support/ip.ts';

const GREETING = Uint8Array.of(5, 1, 0);
const BAD = Uint8Array.of(6);

function legWith(...arrivals: readonly (Uint8Array | undefined)[]): FakeLeg {
  const leg = new FakeLeg({ ip: ip('127.0.0.1'), port: 40_000 }, () => undefined);
  for (const arrival of arrivals) leg.feed(arrival);
  return leg;
}

test('nextMessage() returns a message that is there, in however many pieces, without a promise', (t) => {
  t.deepEqual(nextMessage(legWith(GREETING), decodeGreeting), { methods: [0] });
  const pieces = [...GREETING].map((byte) => Uint8Array.of(byte));
  t.deepEqual(nextMessage(legWith(...pieces), decodeGreeting), { methods: [0] });
});

test('nextMessage() throws the fault of bytes that are there', (t) => {
  t.is(
    t.throws(() => nextMessage(legWith(BAD), decodeGreeting), { instanceOf: Fault }).code,
    'VERSION_UNSUPPORTED',
  );
  const closed = legWith(GREETING.subarray(0, 1), undefined);
  t.is(t.throws(() => nextMessage(closed, decodeGreeting), { instanceOf: Fault }).code, 'CLIENT_CLOSED');
});

test('nextMessage() promises what is still to come, or its fault', async (t) => {
  const [slow, wrong] = [legWith(GREETING.subarray(0, 1)), legWith()];
  const [message, failure] = [nextMessage(slow, decodeGreeting), nextMessage(wrong, decodeGreeting)];
  t.true(message instanceof Promise && failure instanceof Promise);
  slow.feed(GREETING.subarray(1));
  wrong.feed(BAD);
  t.deepEqual(await message, { methods: [0] });
  t.is((await t.throwsAsync(async () => failure, { instanceOf: Fault })).code, 'VERSION_UNSUPPORTED');
});

test('readMessage() always promises', async (t) => {
  t.deepEqual(await readMessage(legWith(GREETING), decodeGreeting), { methods: [0] });
  const failure = readMessage(legWith(BAD), decodeGreeting);
  t.is((await t.throwsAsync(failure, { instanceOf: Fault })).code, 'VERSION_UNSUPPORTED');
});
