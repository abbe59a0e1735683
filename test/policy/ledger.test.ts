// Counting of sessions, with a clock that stands still unless it is moved.
import test from 'ava';
import fc from 'fast-check';
import type { Identity } from '../../src/policy/identity.ts';
import type { Entry } from '../../src/policy/limits/entry.ts';
import { Ledger } from '../../src/policy/limits/ledger.ts';
import type { LimitTable } from '../../src/policy/limits/limits.ts';
import { limits } from '../support/limits.ts';

const user = (name: string, group?: string): Identity => ({ kind: 'user', name, group });
const ANN = user('ann', 'staff');
const BEN = user('ben', 'staff');

function newLedger() {
  const clock = { ms: 1000 };
  return { ledger: new Ledger(() => clock.ms), clock };
}

/** Enters where nothing is against it; else the text of the limit. */
function knock(ledger: Ledger, table: LimitTable, client: string): Entry | string {
  const limit = ledger.objectionTo(table, client) ?? ledger.crowding(table);
  return limit === undefined ? ledger.enter(table, client) : limit.text;
}

function enter(ledger: Ledger, table: LimitTable, client = 'a'): Entry {
  const entry = knock(ledger, table, client);
  if (typeof entry === 'string') throw new Error(entry);
  return entry;
}

test('sessions of a client are counted until they leave, however often they do', (t) => {
  const { ledger } = newLedger();
  const table = limits('client sessions=2');
  const first = enter(ledger, table);
  enter(ledger, table);
  t.is(knock(ledger, table, 'a'), 'client sessions=2 (test.conf:1)');
  enter(ledger, table, 'b');
  ledger.leave(first);
  ledger.leave(first);
  enter(ledger, table);
  t.is(knock(ledger, table, 'a'), 'client sessions=2 (test.conf:1)');
});

test('handshakes of a client are counted until the request is whole', (t) => {
  const { ledger } = newLedger();
  const table = limits('client handshakes=1');
  const first = enter(ledger, table);
  t.is(knock(ledger, table, 'a'), 'client handshakes=1 (test.conf:1)');
  ledger.settle(table, first, undefined);
  const second = enter(ledger, table);
  ledger.leave(first);
  t.is(knock(ledger, table, 'a'), 'client handshakes=1 (test.conf:1)');
  ledger.leave(second);
  enter(ledger, table);
});

test('sessions and handshakes of all together make a crowd', (t) => {
  const { ledger } = newLedger();
  const table = limits('total sessions=3 handshakes=2');
  const entries = [enter(ledger, table, 'a'), enter(ledger, table, 'b')];
  t.is(ledger.objectionTo(table, 'c'), undefined);
  t.is(ledger.crowding(table)?.text, 'total handshakes=2 (test.conf:1)');
  for (const entry of entries) ledger.settle(table, entry, undefined);
  enter(ledger, table, 'c');
  t.is(ledger.crowding(table)?.text, 'total sessions=3 (test.conf:1)');
});

test('a rate lets two seconds’ worth come at once, and then as many as it says', (t) => {
  const { ledger, clock } = newLedger();
  const table = limits('client rate=5');
  for (let each = 0; each < 10; each++) ledger.leave(enter(ledger, table));
  t.is(knock(ledger, table, 'a'), 'client rate=5 (test.conf:1)');
  enter(ledger, table, 'b');
  clock.ms += 199;
  t.is(typeof knock(ledger, table, 'a'), 'string');
  clock.ms += 1;
  enter(ledger, table);
  t.is(typeof knock(ledger, table, 'a'), 'string');
  clock.ms += 2000;
  for (let each = 0; each < 10; each++) enter(ledger, table);
  t.is(typeof knock(ledger, table, 'a'), 'string');
});

test('a rate of one a second lets one come', (t) => {
  const { ledger } = newLedger();
  t.is(typeof knock(ledger, limits('total rate=1'), 'a'), 'object');
});

test('who is turned away does not use up what others may', (t) => {
  const { ledger } = newLedger();
  const table = limits('total rate=2', 'client sessions=1');
  enter(ledger, table);
  for (let each = 0; each < 50; each++) t.regex(knock(ledger, table, 'a') as string, /client sessions/);
  for (const client of ['b', 'c', 'd']) enter(ledger, table, client);
  t.is(knock(ledger, table, 'e'), 'total rate=2 (test.conf:1)');
});

test('users and groups are counted once it is known who it is', (t) => {
  const { ledger } = newLedger();
  const table = limits('user sessions=1', 'group sessions=2', 'user:ben sessions=3');
  const settle = (identity: Identity) => ledger.settle(table, enter(ledger, table), identity)?.text;
  t.is(settle(ANN), undefined);
  t.is(settle(ANN), 'user sessions=1 (test.conf:1)');
  t.is(settle(BEN), undefined);
  t.is(settle(BEN), 'group sessions=2 (test.conf:2)');
  t.is(settle(user('eve')), undefined);
  t.is(settle({ kind: 'anonymous', userId: 'ann' }), undefined);
});

test('who may not enter for the group is not counted for the user', (t) => {
  const { ledger } = newLedger();
  const table = limits('user sessions=1', 'group sessions=1');
  const first = enter(ledger, table);
  ledger.settle(table, first, BEN);
  const second = enter(ledger, table);
  t.regex(ledger.settle(table, second, ANN)!.text, /group/);
  ledger.leave(first);
  ledger.leave(second);
  t.is(ledger.settle(table, enter(ledger, table), ANN), undefined);
});

test('limits that come with a reload see the sessions from before', (t) => {
  const { ledger } = newLedger();
  const none = limits();
  ledger.settle(none, enter(ledger, none), ANN);
  t.regex(knock(ledger, limits('client sessions=1'), 'a') as string, /client/);
  const other = enter(ledger, none, 'b');
  t.regex(ledger.settle(limits('group sessions=1'), other, BEN)!.text, /group/);
});

test('nobody is remembered who has left, but for the time that a rate needs', (t) => {
  const { ledger, clock } = newLedger();
  const none = limits();
  for (let each = 0; each < 1000; each++) {
    const entry = enter(ledger, none, `a${each}`);
    ledger.settle(none, entry, user(`u${each}`, `g${each}`));
    ledger.leave(entry);
  }
  t.is(ledger.size, 0);
  const table = limits('client rate=1', 'user rate=1');
  for (let each = 0; each < 100_000; each++) {
    clock.ms += 1;
    const entry = enter(ledger, table, `a${each}`);
    ledger.settle(table, entry, user(`u${each}`));
    ledger.leave(entry);
  }
  t.true(ledger.size <= 2 * 2001, `${ledger.size} accounts`);
});

/** What may happen: an arrival of one of three clients, or to one of those who are here that it settles or leaves. */
const step = fc.record({
  what: fc.constantFrom('enter', 'settle', 'leave'),
  who: fc.nat(100),
  ms: fc.nat(500),
});

test('whatever happens, the counts are those of who is here', (t) => {
  const table = limits('client rate=3 sessions=4', 'user sessions=3', 'total sessions=9');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { ledger, clock } = newLedger();
        const here: Entry[] = [];
        for (const { what, who, ms } of steps) {
          clock.ms += ms;
          const one = here[who % Math.max(1, here.length)];
          if (what === 'enter') {
            const entry = knock(ledger, table, `c${who % 3}`);
            if (typeof entry !== 'string') here.push(entry);
          } else if (one !== undefined && what === 'settle') {
            ledger.settle(table, one, user(`u${who % 2}`));
          } else if (one !== undefined) {
            here.splice(here.indexOf(one), 1);
            ledger.leave(one);
          }
          t.is(ledger.total.sessions, here.length);
          t.is(ledger.total.handshakes, here.filter(({ stage }) => stage === 'handshake').length);
          for (const { client, user: owner } of here) {
            t.is(client.sessions, here.filter((each) => each.client === client).length);
            if (owner !== undefined) t.is(owner.sessions, here.filter((each) => each.user === owner).length);
          }
        }
        clock.ms += 10_000;
        for (const entry of here) ledger.leave(entry);
        t.is(ledger.total.sessions, 0);
      }),
    ),
  );
});

test('counting one session costs no more than some changes of a Map', (t) => {
  const { ledger } = newLedger();
  const none = limits();
  const clients = Array.from({ length: 1000 }, (_, each) => `192.0.2.${each}`);
  const loops = 200_000;
  const count = (client: string): void => {
    ledger.objectionTo(none, client);
    ledger.crowding(none);
    const entry = ledger.enter(none, client);
    ledger.settle(none, entry, ANN);
    ledger.leave(entry);
  };
  const map = new Map<string, object>();
  const change = (client: string): void => {
    map.set(client, { client });
    map.delete(client);
  };
  const spend = (what: (client: string) => void): number => {
    const startedAt = performance.now();
    for (let each = 0; each < loops; each++) what(clients[each % clients.length]!);
    return ((performance.now() - startedAt) * 1000) / loops;
  };
  const costs = Array.from({ length: 5 }, () => [spend(count), spend(change)] as const);
  const [session, changes] = [0, 1].map((column) => Math.min(...costs.map((each) => each[column]!)));
  t.log(
    `${session!.toFixed(3)} us for each session, from accept to end; ${changes!.toFixed(3)} us for a change`,
  );
  t.true(session! < 10 * changes!);
});
