import test from 'ava';
import { parseCidr } from '../../src/base/ip.ts';
import { AuthOnce, isTrusted } from '../../src/policy/access/trusted.ts';
import { clientKeyOf } from '../../src/policy/clientkey.ts';
import { ip } from '../support/ip.ts';

function start() {
  const clock = { now: 1_000_000 };
  return { clock, once: new AuthOnce(() => clock.now) };
}

test('a client that has logged in is known until its time is over', (t) => {
  const { clock, once } = start();
  t.false(once.knows(ip('192.0.2.1')));
  once.remember(ip('192.0.2.1'), 1000);
  t.true(once.knows(ip('::ffff:192.0.2.1')));
  t.false(once.knows(ip('192.0.2.2')));
  clock.now += 1000;
  t.false(once.knows(ip('192.0.2.1')));
  t.deepEqual(once.list(), []);
});

test('an IPv6 client is known with its /64', (t) => {
  const { once } = start();
  once.remember(ip('2001:db8::1'), 1000);
  t.true(once.knows(ip('2001:db8::abcd')));
  t.false(once.knows(ip('2001:db8:1::1')));
});

test('what is remembered is bounded: who logged in longest ago goes first, of networks that have as many', (t) => {
  const { once } = start();
  const client = (at: number) => ip(`10.0.${at >> 8}.${at & 255}`);
  for (let at = 0; at < 16_385; at++) once.remember(client(at), 1000);
  t.is(once.list().length, 16_384);
  t.false(once.knows(client(0)));
  t.true(once.knows(client(16_384)));
});

test('logins from a whole IPv6 /48 leave others what is remembered of them', (t) => {
  const { once } = start();
  once.remember(ip('192.0.2.1'), 1000);
  once.restore({ client: clientKeyOf(ip('2001:db8:1::1')), endsAt: 1_001_000 });
  for (let at = 0; at < 20_000; at++) once.remember(ip(`2001:db8:666:${at.toString(16)}::1`), 1000);
  t.is(once.list().length, 16_384);
  t.true(once.knows(ip('192.0.2.1')));
  t.true(once.knows(ip('2001:db8:1::1')));
});

test('list() and restore() carry it over a restart', (t) => {
  const { clock, once } = start();
  once.remember(ip('192.0.2.1'), 1000);
  const again = new AuthOnce(() => clock.now);
  for (const each of once.list()) again.restore(each);
  t.true(again.knows(ip('192.0.2.1')));
});

test('a client that is forgotten has to log in again', (t) => {
  const { once } = start();
  once.remember(ip('2001:db8::1'), 1000);
  t.true(once.forget(ip('2001:db8::2')));
  t.false(once.forget(ip('2001:db8::2')));
  t.false(once.knows(ip('2001:db8::1')));
});

test('trusted are the whitelist, and with auth-once those who have logged in', (t) => {
  const { once } = start();
  const whitelist = [parseCidr('192.0.2.0/24')!];
  once.remember(ip('198.51.100.1'), 1000);
  const trusted = (authOnceMs: number) =>
    ['192.0.2.9', '198.51.100.1', '198.51.100.2'].map((client) =>
      isTrusted({ whitelist, authOnceMs }, once, ip(client)),
    );
  t.deepEqual(trusted(0), [true, false, false]);
  t.deepEqual(trusted(1), [true, true, false]);
});
