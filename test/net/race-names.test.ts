// A race whose addresses come from two look-ups, one of each family, at their own times.
import { setImmediate as settled } from 'node:timers/promises';
import test from 'ava';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import type { NameLookup } from '../../src/net/names/resolve.ts';
import { startRace, later, V6, V4 } from '../support/net/race.ts';

for (const { namePatienceMs, ipv4, code } of [
  { namePatienceMs: 0, ipv4: undefined, code: 'RESOLVER_FAILED' },
  { namePatienceMs: 60_000, ipv4: undefined, code: 'CONNECT_TIMEOUT' },
  { namePatienceMs: 0, ipv4: V4, code: 'CONNECT_TIMEOUT' },
]) {
  const what = ipv4 === undefined ? 'nothing is known of the name' : 'an attempt runs';
  test(`the deadline ends with ${code} where ${what} after ${namePatienceMs} ms of patience`, async (t) => {
    const silent = new Promise<never>(() => undefined);
    const { deadline, outcome, clock } = startRace({ ipv6: silent, ipv4: ipv4 ?? silent }, [], {
      namePatienceMs,
    });
    await clock.pass(50);
    deadline.end(new Fault('CONNECT_TIMEOUT'));
    t.is(await outcome, code);
  });
}

test('families take turns, IPv6 first, and then what is left', async (t) => {
  const { clock, tried, deadline, outcome } = startRace({ ipv6: V6, ipv4: V4 });
  for (let waits = 0; waits < 4; waits += 1) await clock.pass(250);
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2', '2001:db8::3']);
  deadline.end(new Fault('CONNECT_TIMEOUT'));
  t.is(await outcome, 'CONNECT_TIMEOUT');
});

test('IPv4 waits 50 ms for the IPv6 answer, and starts without it then', async (t) => {
  const { clock, tried, attempt, outcome } = startRace({ ipv6: later().answer, ipv4: V4 });
  await clock.pass(49);
  t.deepEqual(tried(), []);
  await clock.pass(1);
  t.deepEqual(tried(), ['192.0.2.1']);
  attempt('192.0.2.1').connect();
  t.is(await outcome, '192.0.2.1');
});

test('an IPv6 answer within the 50 ms goes first, at once', async (t) => {
  const ipv6 = later();
  const { clock, tried, attempt, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4 });
  await clock.pass(20);
  ipv6.come(V6);
  await settled();
  t.deepEqual(tried(), ['2001:db8::1']);
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('an empty or failed IPv6 answer ends the 50 ms', async (t) => {
  for (const answer of [[], new Fault('RESOLVER_FAILED')]) {
    const ipv6 = later();
    const { tried, deadline, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4 });
    ipv6.come(answer);
    await settled();
    t.deepEqual(tried(), ['192.0.2.1']);
    deadline.end(new Fault('SHUTTING_DOWN'));
    t.is(await outcome, 'SHUTTING_DOWN');
  }
});

test('an IPv6 answer does not wait for IPv4', async (t) => {
  const { tried, attempt, outcome } = startRace({ ipv6: V6, ipv4: later().answer });
  t.deepEqual(tried(), ['2001:db8::1']);
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('a late answer joins the race that is on', async (t) => {
  const ipv6 = later();
  const { clock, tried, attempt, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4.slice(0, 1) });
  await clock.pass(50);
  await clock.pass(250);
  ipv6.come(V6);
  await settled();
  t.deepEqual(tried(), ['192.0.2.1', '2001:db8::1'], 'the wait was over: it starts at once');
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('a race whose addresses have all failed waits for the answer that is missing', async (t) => {
  const ipv4 = later();
  const { tried, attempt, outcome } = startRace({ ipv6: V6.slice(0, 1), ipv4: ipv4.answer });
  attempt('2001:db8::1').fail('NETWORK_UNREACHABLE');
  await settled();
  ipv4.come(V4.slice(0, 1));
  await settled();
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1']);
  attempt('192.0.2.1').fail('CONNECTION_REFUSED');
  t.is(await outcome, 'CONNECTION_REFUSED');
});

const NAME_FAILURES: readonly { what: string; lookup: NameLookup; code: FaultCode }[] = [
  { what: 'no address at all', lookup: { ipv6: [], ipv4: [] }, code: 'NAME_NOT_FOUND' },
  { what: 'no address later', lookup: { ipv6: [], ipv4: Promise.resolve([]) }, code: 'NAME_NOT_FOUND' },
  {
    what: 'one family failing',
    lookup: { ipv6: [], ipv4: new Fault('RESOLVER_FAILED') },
    code: 'RESOLVER_FAILED',
  },
  {
    what: 'too many look-ups',
    lookup: { ipv6: new Fault('RESOLVER_BUSY'), ipv4: new Fault('RESOLVER_BUSY') },
    code: 'RESOLVER_BUSY',
  },
];

for (const { what, lookup, code } of NAME_FAILURES) {
  test(`a name with ${what} is ${code}`, async (t) => {
    t.is(await startRace(lookup).outcome, code);
  });
}
