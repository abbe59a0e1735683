import test from 'ava';
import { parseCidr } from '../../src/base/ip.ts';
import { Bans, type BanRules } from '../../src/policy/access/bans.ts';
import { ip } from '../support/ip.ts';

const MINUTE = 60_000;
const RULES: BanRules = {
  failures: 3,
  windowMs: 10 * MINUTE,
  firstMs: MINUTE,
  longestMs: 15 * MINUTE,
  allow: [],
};
const CLIENT = ip('192.0.2.1');

/** Bans with a clock that the test moves; each failure is of another user, so that only the client is suspected. */
function start() {
  const clock = { now: 1_000_000 };
  const bans = new Bans(() => clock.now);
  let user = 0;
  const fail = (times: number, rules = RULES) =>
    Array.from({ length: times }, () => bans.failed(rules, CLIENT, `user${user++}`)).flat();
  return { clock, bans, fail };
}

test('the failure that fills the number bans the client for the first time', (t) => {
  const { clock, bans, fail } = start();
  t.deepEqual(fail(2), []);
  t.false(bans.holds(RULES, CLIENT));
  t.deepEqual(fail(1), [{ kind: 'client', name: '192.0.2.1', endsAt: clock.now + MINUTE, lengthMs: MINUTE }]);
  t.true(bans.holds(RULES, CLIENT));
  t.false(bans.holds(RULES, ip('192.0.2.2')));
  clock.now += MINUTE;
  t.false(bans.holds(RULES, CLIENT));
});

test('each ban is twice as long as the one before, up to the longest', (t) => {
  const { clock, fail } = start();
  const lengths = Array.from({ length: 6 }, () => {
    const [ban] = fail(3);
    clock.now = ban!.endsAt;
    return ban!.lengthMs / MINUTE;
  });
  t.deepEqual(lengths, [1, 2, 4, 8, 15, 15]);
});

test('a level decays for each longest ban of quiet', (t) => {
  const { clock, fail } = start();
  for (let round = 0; round < 3; round++) clock.now = fail(3)[0]!.endsAt;
  clock.now += 2 * RULES.longestMs;
  t.is(fail(3)[0]!.lengthMs, 2 * MINUTE);
});

test('failures that lie apart make no ban', (t) => {
  const { clock, bans, fail } = start();
  for (let round = 0; round < 5; round++) {
    fail(2);
    clock.now += RULES.windowMs;
  }
  t.false(bans.holds(RULES, CLIENT));
});

test('nobody is banned where the number is 0', (t) => {
  const { bans, fail } = start();
  t.deepEqual(fail(100, { ...RULES, failures: 0 }), []);
  t.false(bans.holds(RULES, CLIENT));
});

test('an IPv6 client is banned with its /64', (t) => {
  const { bans } = start();
  for (let host = 1; host <= 3; host++) bans.failed(RULES, ip(`2001:db8::${host}`), `u${host}`);
  t.true(bans.holds(RULES, ip('2001:db8::ffff')));
  t.false(bans.holds(RULES, ip('2001:db8:0:1::1')));
});

test('a name that many addresses try is locked for strangers, and not for who logged in before', (t) => {
  const { bans } = start();
  bans.succeeded(CLIENT, 'alice');
  const failures = [2, 3, 4].flatMap((host) => bans.failed(RULES, ip(`192.0.2.${host}`), 'alice'));
  t.deepEqual(
    failures.map(({ kind, name }) => `${kind} ${name}`),
    ['user alice'],
  );
  t.true(bans.locks(RULES, ip('198.51.100.1'), 'alice'));
  t.false(bans.locks(RULES, CLIENT, 'alice'));
  t.false(bans.locks(RULES, ip('198.51.100.1'), 'bob'));
  t.false(bans.holds(RULES, ip('192.0.2.2')));
});

test('an address at which the user has not logged in for 30 days is a strange one again', (t) => {
  const { clock, bans } = start();
  bans.succeeded(CLIENT, 'alice');
  const namesLocked = () =>
    [1, 2, 3].flatMap(() => bans.failed(RULES, CLIENT, 'alice')).filter(({ kind }) => kind === 'user');
  t.deepEqual(namesLocked(), []);
  clock.now += 31 * 24 * 60 * MINUTE;
  t.is(namesLocked().length, 1);
  t.true(bans.locks(RULES, CLIENT, 'alice'));
});

test('a success of one user hides no guesses at others', (t) => {
  const { bans, fail } = start();
  fail(2);
  bans.succeeded(CLIENT, 'mallory');
  t.is(fail(1).length, 1);
});

test('who may not be banned is neither counted nor kept out, and locks no name', (t) => {
  const { bans, fail } = start();
  const rules = { ...RULES, allow: [parseCidr('192.0.2.0/24')!] };
  t.deepEqual(fail(10, rules), []);
  t.deepEqual(
    [2, 3, 4, 5].flatMap((host) => bans.failed(rules, ip(`192.0.2.${host}`), 'alice')),
    [],
  );
  fail(3);
  t.true(bans.holds(RULES, CLIENT));
  t.false(bans.holds(rules, CLIENT));
  for (const host of [2, 3, 4]) bans.failed(RULES, ip(`192.0.2.${host}`), 'bob');
  t.true(bans.locks(RULES, CLIENT, 'bob'));
  t.false(bans.locks(rules, CLIENT, 'bob'));
});

test('bans by hand are listed in the order of their end, and taken back', (t) => {
  const { clock, bans } = start();
  bans.ban(ip('192.0.2.9'), 2 * MINUTE);
  bans.ban(ip('2001:db8::1'), MINUTE);
  t.deepEqual(bans.list(), [
    { kind: 'client', name: '2001:db8::/64', endsAt: clock.now + MINUTE, lengthMs: MINUTE },
    { kind: 'client', name: '192.0.2.9', endsAt: clock.now + 2 * MINUTE, lengthMs: 2 * MINUTE },
  ]);
  t.true(bans.unban({ kind: 'client', name: '192.0.2.9' }));
  t.false(bans.unban({ kind: 'client', name: '192.0.2.9' }));
  t.false(bans.holds(RULES, ip('192.0.2.9')));
});

test('what is remembered of attackers is bounded, and the latest are kept', (t) => {
  const { bans } = start();
  const client = (at: number) => ip(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
  for (let at = 0; at < 66_000; at++) bans.ban(client(at), MINUTE);
  t.is(bans.list().length, 32_768);
  t.true(bans.holds(RULES, client(65_999)));
  t.false(bans.holds(RULES, client(0)));
});

test('a name that was sent with a password in it is shown, and freed, without that', (t) => {
  const { bans } = start();
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) bans.failed(RULES, ip(host), 'ann:secret');
  t.true(bans.locks(RULES, CLIENT, 'ann:secret'));
  t.deepEqual(
    bans.list().map(({ name }) => name),
    ['ann:***'],
  );
  t.false(bans.unban({ kind: 'user', name: 'ben:***' }));
  t.true(bans.unban({ kind: 'user', name: 'ann:***' }));
  t.false(bans.locks(RULES, CLIENT, 'ann:secret'));
});

/** A /64 of an attacker who has a whole /48. */
const ofAttacker = (at: number) => ip(`2001:db8:666:${at.toString(16)}::1`);
const MANY = 40_000;

test('whoever fails from a whole IPv6 /48 has nobody else’s failures or bans forgotten', (t) => {
  const { bans } = start();
  const banned = ip('198.51.100.1');
  bans.ban(banned, MINUTE);
  // Banned as well, and in the network of the attacker.
  bans.ban(ofAttacker(0xffff), MINUTE);
  for (const name of ['ann', 'ben']) bans.failed(RULES, CLIENT, name);
  for (const host of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) bans.failed(RULES, ip(host), 'carol');
  for (let at = 0; at < MANY; at++) bans.failed(RULES, ofAttacker(at), `name${at}`);
  t.true(bans.holds(RULES, banned));
  t.true(bans.holds(RULES, ofAttacker(0xffff)), 'a ban does not give way to failures that are only counted');
  t.true(bans.locks(RULES, CLIENT, 'carol'), 'nor does a lock');
  t.is(bans.failed(RULES, CLIENT, 'dave').length, 1, 'it is the third failure of this client');
  t.is(bans.failed(RULES, ip('198.51.100.2'), 'ann').length, 0);
  t.is(bans.failed(RULES, ip('198.51.100.3'), 'ann').length, 1, 'and the third of this name');
});

test('a flood of bans is its network’s own affair', (t) => {
  const { bans } = start();
  bans.ban(CLIENT, MINUTE);
  for (let at = 0; at < MANY; at++) bans.ban(ofAttacker(at), MINUTE);
  t.true(bans.holds(RULES, CLIENT));
  t.true(bans.holds(RULES, ofAttacker(MANY - 1)));
  t.false(bans.holds(RULES, ofAttacker(0)));
});

test('a ban that is over makes room as failures do, and the next failure counts on', (t) => {
  const { clock, bans, fail } = start();
  clock.now = fail(3)[0]!.endsAt;
  t.deepEqual(bans.list(), []);
  t.is(fail(3)[0]!.lengthMs, 2 * MINUTE);
  t.true(bans.unban({ kind: 'client', name: '192.0.2.1' }));
  t.is(fail(3)[0]!.lengthMs, MINUTE);
});

test('a user who logs in from everywhere leaves others the addresses that are known as theirs', (t) => {
  const { bans } = start();
  bans.succeeded(CLIENT, 'ann');
  for (let at = 0; at < 66_000; at++)
    bans.succeeded(ip(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`), 'mallory');
  for (const host of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) bans.failed(RULES, ip(host), 'ann');
  t.true(bans.locks(RULES, ip('203.0.113.9'), 'ann'));
  t.false(bans.locks(RULES, CLIENT, 'ann'));
});
