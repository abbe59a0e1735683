import test from 'ava';
import { SuccessCache } from '../../src/auth/cache.ts';
import type { Hash } from '../../src/auth/hashing/hash.ts';

const USER = Buffer.from('alice');
const job = (password: string, ...texts: string[]) => ({
  password: Buffer.from(password),
  hashes: texts.map((text): Hash => ({ kind: 'plain', text })),
});

test('SuccessCache knows a login until its time is over, and a hit does not prolong it', (t) => {
  let now = 0;
  const cache = new SuccessCache({ maxEntries: 10, lifetimeMs: 100 }, () => now);
  const digest = cache.digest(USER, job('secret', 'h'));
  t.false(cache.has(digest));
  cache.add(digest);
  now = 99;
  t.true(cache.has(digest));
  now = 100;
  t.false(cache.has(digest));
});

test('SuccessCache forgets what was checked longest ago when it is full', (t) => {
  const cache = new SuccessCache({ maxEntries: 2, lifetimeMs: 100 }, () => 0);
  cache.add('a');
  cache.add('b');
  t.true(cache.has('a'));
  cache.add('c');
  t.deepEqual(
    ['a', 'b', 'c'].map((digest) => cache.has(digest)),
    [false, true, true],
  );
});

test('SuccessCache forgets everything when told to', (t) => {
  const cache = new SuccessCache({ maxEntries: 2, lifetimeMs: 100 }, () => 0);
  cache.add('a');
  cache.clear();
  t.false(cache.has('a'));
});

test('SuccessCache gives every user, password and stored hash a digest of its own', (t) => {
  const cache = new SuccessCache({ maxEntries: 2, lifetimeMs: 100 }, () => 0);
  const digests = [
    cache.digest(USER, job('secret', 'h')),
    cache.digest(USER, job('secret', 'i')),
    cache.digest(USER, job('secret', 'h', 'i')),
    cache.digest(USER, job('secreth', '')),
    cache.digest(USER, job('secret')),
    cache.digest(Buffer.from('alices'), job('ecret', 'h')),
    cache.digest(Buffer.from(''), job('alicesecret', 'h')),
    new SuccessCache({ maxEntries: 2, lifetimeMs: 100 }, () => 0).digest(USER, job('secret', 'h')),
  ];
  t.is(new Set(digests).size, digests.length);
  t.is(cache.digest(USER, job('secret', 'h')), digests[0]!);
});
