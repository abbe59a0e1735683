import test from 'ava';
import fc from 'fast-check';
import { DnsCache } from '../../src/net/dns/dnscache.ts';
import { ip } from '../support/ip.ts';

const answer = [ip('192.0.2.1')];

test('get() gives an answer until its time is over', (t) => {
  let now = 0;
  const cache = new DnsCache(10, () => now);
  cache.put('a', { answer, ttlMs: 1000 });
  now = 999;
  t.is(cache.get('a'), answer);
  now = 1000;
  t.is(cache.get('a'), undefined);
});

test('put() keeps nothing that holds for 0 ms, and forgets what it replaces', (t) => {
  const cache = new DnsCache(10, () => 0);
  cache.put('a', { answer, ttlMs: 1000 });
  cache.put('a', { answer, ttlMs: 0 });
  t.is(cache.get('a'), undefined);
});

test('the least recently used name goes first', (t) => {
  const cache = new DnsCache(2, () => 0);
  cache.put('a', { answer, ttlMs: 1 });
  cache.put('b', { answer, ttlMs: 1 });
  t.is(cache.get('a'), answer);
  cache.put('c', { answer, ttlMs: 1 });
  t.deepEqual(
    ['a', 'b', 'c'].map((name) => cache.get(name)),
    [answer, undefined, answer],
  );
});

test('it never holds more names than its capacity', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 5 }), (names, capacity) => {
      const cache = new DnsCache(capacity, () => 0);
      for (const name of names) cache.put(String(name), { answer, ttlMs: 1 });
      const held = Array.from({ length: 21 }, (_, name) => cache.get(String(name))).filter(Boolean);
      t.is(held.length, Math.min(capacity, new Set(names).size));
    }),
  );
});
