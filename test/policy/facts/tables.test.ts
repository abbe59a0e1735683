// The tables whose entries are facts: what is done in one process holds in another as soon as a carrier has told.
import test from 'ava';
import { parseCidr } from '../../../src/base/ip.ts';
import { SOURCE_PLAN } from '../../../src/config/routes/source.ts';
import { Bans } from '../../../src/policy/access/bans.ts';
import { AuthOnce } from '../../../src/policy/access/trusted.ts';
import type { Entries } from '../../../src/policy/facts/entries.ts';
import { Sources } from '../../../src/policy/rules/sources.ts';
import { ip } from '../../support/ip.ts';

const NOW = 1_000_000;
const RULES = { failures: 2, windowMs: 60_000, firstMs: 60_000, longestMs: 900_000, allow: [] };
const CLIENT = ip('192.0.2.1');
const NETWORK = ip('2001:db8:1:2::3');

function carry(from: Entries, to: Entries): void {
  for (const fact of from.changes()) to.merge(fact);
}

function pair<T>(make: () => T, entriesOf: (one: T) => Entries) {
  const [here, there] = [make(), make()];
  for (const each of [here, there]) entriesOf(each).follow();
  return { here, there, tell: () => carry(entriesOf(here), entriesOf(there)) };
}

test('bans that logins or the operator make hold elsewhere, and are lifted there', (t) => {
  const { here, there, tell } = pair(
    () => new Bans(() => NOW),
    ({ entries }) => entries,
  );
  here.failed(RULES, CLIENT, 'ann');
  tell();
  t.false(there.holds(RULES, CLIENT), 'one failure is no ban');
  here.failed(RULES, CLIENT, 'ann');
  here.ban(NETWORK, 5000);
  tell();
  t.true(there.holds(RULES, CLIENT));
  t.true(there.holds(RULES, ip('2001:db8:1:2::4')));
  t.false(there.locks(RULES, ip('198.51.100.1'), 'ann'), 'locks of names stay where they are');
  t.deepEqual(
    there.list().map(({ name, endsAt }) => [name, endsAt - NOW]),
    [
      ['2001:db8:1:2::/64', 5000],
      ['192.0.2.1', 60_000],
    ],
  );
  here.unban({ kind: 'client', name: '192.0.2.1' });
  tell();
  t.false(there.holds(RULES, CLIENT));
});

test('banned blocks hold elsewhere, and are lifted there', (t) => {
  const { here, there, tell } = pair(
    () => new Bans(() => NOW),
    ({ blocks }) => blocks.entries,
  );
  const block = parseCidr('192.0.2.0/24')!;
  here.blocks.ban(block, 1000);
  tell();
  t.true(there.holds(RULES, CLIENT));
  here.blocks.unban(block);
  tell();
  t.false(there.holds(RULES, CLIENT));
});

test('a client that auth-once remembers is known elsewhere, until it is forgotten', (t) => {
  const { here, there, tell } = pair(
    () => new AuthOnce(() => NOW),
    ({ entries }) => entries,
  );
  here.remember(CLIENT, 1000);
  tell();
  t.true(there.knows(CLIENT));
  t.true(here.forget(CLIENT));
  tell();
  t.false(there.knows(CLIENT));
});

test('an address that sticks is the same elsewhere, for as long, whatever the monotonic clocks say', (t) => {
  const plan = SOURCE_PLAN.parse('2001:db8::/64,sticky=10m', {
    origin: {},
    folder: '/',
    portOf: () => undefined,
  });
  if (plan.kind === 'wrong') return t.fail(plan.why);
  let ms = 0;
  const make = (zero: number) =>
    new Sources(
      () => zero + ms,
      Math.random,
      () => NOW + ms,
    );
  const [here, there] = [make(0), make(77_777)];
  for (const { entries } of [here, there]) entries.follow();
  for (const identity of [{ kind: 'user', name: 'ann of x', group: undefined } as const, undefined]) {
    const leaver = { identity, client: NETWORK, local: ip('2001:db8::1') };
    const chosen = here.choose(plan.value, leaver);
    ms += 1000;
    carry(here.entries, there.entries);
    t.deepEqual(there.choose(plan.value, leaver), chosen);
    ms += 598_999;
    t.deepEqual(there.choose(plan.value, leaver), chosen);
    ms += 1;
    t.notDeepEqual(there.choose(plan.value, leaver), chosen);
  }
});

test('a name that means nothing is passed over', (t) => {
  const bans = new Bans(() => NOW);
  const tables = [bans, bans.blocks, new AuthOnce(() => NOW), new Sources(() => NOW, Math.random)];
  for (const { entries } of tables) {
    for (const name of ['', 'nobody', 'user', 'client nobody plan']) {
      entries.merge({ name, value: 'x', endsAt: NOW + 1000, stamp: NOW, state: 'holds' });
    }
    t.deepEqual([...entries.held()], []);
  }
});
