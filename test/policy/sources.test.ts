import test from 'ava';
import * as fc from 'fast-check';
import { bytesInCidr, ipToBytes, parseCidr } from '../../src/base/ip.ts';
import type { SourcePlan } from '../../src/config/model/config.ts';
import { SOURCE_PLAN } from '../../src/config/routes/source.ts';
import { listFor } from '../../src/policy/rules/sections.ts';
import { Sources, type Leaver } from '../../src/policy/rules/sources.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';

function plan(text: string): SourcePlan {
  const parsed = SOURCE_PLAN.parse(text, { origin: {}, folder: '/', portOf: () => undefined });
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}

/** The same numbers from 0 to 1 each time. */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function anonymous(client = '192.0.2.200'): Leaver {
  return { identity: undefined, client: ip(client), local: ip('::ffff:127.0.0.5') };
}

function user(name: string, client = '192.0.2.200'): Leaver {
  return { ...anonymous(client), identity: { kind: 'user', name, group: undefined } };
}

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

test('without a plan the system chooses', (t) => {
  t.deepEqual(new Sources(() => 0, seeded()).choose(undefined, anonymous()), []);
});

test('client is the address that the client has connected to', (t) => {
  t.deepEqual(new Sources(() => 0, seeded()).choose(plan('client'), anonymous()), ['127.0.0.5']);
});

test('a pool takes turns, each family for itself', (t) => {
  const sources = new Sources(() => 0, seeded());
  const pool = plan('127.0.0.2,127.0.0.3,::1');
  t.deepEqual(
    times(3, () => sources.choose(pool, anonymous())),
    [
      ['127.0.0.2', '::1'],
      ['127.0.0.3', '::1'],
      ['127.0.0.2', '::1'],
    ],
  );
});

test('random takes each address about as often', (t) => {
  const sources = new Sources(() => 0, seeded());
  const pool = plan('127.0.0.2,127.0.0.3,127.0.0.4,random');
  const counts = new Map<string, number>();
  for (const [chosen] of times(3000, () => sources.choose(pool, anonymous())))
    counts.set(chosen!, (counts.get(chosen!) ?? 0) + 1);
  t.deepEqual([...counts.keys()].sort(), ['127.0.0.2', '127.0.0.3', '127.0.0.4']);
  for (const count of counts.values()) t.true(count > 850 && count < 1150, String(count));
});

test('sticky keeps the address of a user for a time, wherever the user comes from', (t) => {
  let now = 0;
  const sources = new Sources(() => now, seeded());
  const pool = plan('2001:db8::/64,sticky=10m');
  const [first] = sources.choose(pool, user('ann'));
  now = 599_999;
  t.deepEqual(sources.choose(pool, user('ann', '192.0.2.9')), [first]);
  t.notDeepEqual(sources.choose(pool, user('bob')), [first]);
  now = 600_000;
  t.notDeepEqual(sources.choose(pool, user('ann')), [first]);
});

test('sticky goes by the client where there is no login, and survives a reload', (t) => {
  const sources = new Sources(() => 0, seeded());
  const choose = (client: string) => sources.choose(plan('2001:db8::/64,sticky'), anonymous(client));
  const first = choose('192.0.2.1');
  t.deepEqual(choose('192.0.2.1'), first);
  t.notDeepEqual(choose('192.0.2.2'), first);
  t.notDeepEqual(sources.choose(plan('2001:db8:1::/64,sticky'), anonymous('192.0.2.1')), first);
});

test('sticky forgets the oldest of very many', (t) => {
  const sources = new Sources(() => 0, seeded());
  const pool = plan('2001:db8::/64,sticky');
  const first = sources.choose(pool, user('0'));
  for (let at = 1; at < 65_536; at++) sources.choose(pool, user(String(at)));
  t.deepEqual(sources.choose(pool, user('0')), first);
  sources.choose(pool, user('one more'));
  t.notDeepEqual(sources.choose(pool, user('0')), first);
});

test('clients of a whole IPv6 /48 make no user or other client leave from elsewhere', (t) => {
  const sources = new Sources(() => 0, seeded());
  const pool = plan('2001:db8::/64,sticky');
  const others = [user('ann'), anonymous('192.0.2.1')];
  const first = others.map((leaver) => sources.choose(pool, leaver));
  for (let at = 0; at < 65_536; at++) sources.choose(pool, anonymous(`2001:db8:666:${at.toString(16)}::1`));
  t.deepEqual(
    others.map((leaver) => sources.choose(pool, leaver)),
    first,
  );
});

test('an address of a block is any in it, and all bits that are free vary', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 128 }), fc.integer({ min: 1, max: 1e6 }), (bits, seed) => {
      const block = parseCidr(`2001:db8:aaaa:5555:aaaa:5555:aaaa:5555/${bits}`)!;
      const sources = new Sources(() => 0, seeded(seed));
      const pool = plan(`2001:db8:aaaa:5555:aaaa:5555:aaaa:5555/${bits}`);
      const chosen = times(64, () => ipToBytes(sources.choose(pool, anonymous())[0]!));
      for (const bytes of chosen) t.true(bytesInCidr(block, bytes));
      if (bits < 128) t.true(new Set(chosen.map(({ 15: last }) => last! & 1)).size === 2);
    }),
    { numRuns: 50 },
  );
});

test('the source of the user comes before that of the group, its base, and of all', (t) => {
  const { book } = policy({
    rules: section('', { source: '127.0.0.1' }),
    named: [
      section('user ann', { source: '127.0.0.2' }),
      section('staff', { base: 'floor' }),
      section('floor', { source: '127.0.0.3' }),
      section('*', { source: '127.0.0.4' }),
    ],
  });
  const sourceOf = (name: string, group?: string) =>
    SOURCE_PLAN.format(listFor(book, { kind: 'user', name, group }, 'source')!);
  t.deepEqual(
    [sourceOf('ann', 'staff'), sourceOf('bob', 'staff'), sourceOf('eve'), sourceOf('joe', 'guests')],
    ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.1'],
  );
});
