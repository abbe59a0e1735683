// Ledgers that hear each other: what a limit means over several members.
import test from 'ava';
import fc from 'fast-check';
import type { RowsMessage } from '../../../src/policy/facts/fact.ts';
import type { Identity } from '../../../src/policy/identity.ts';
import type { Entry } from '../../../src/policy/limits/entry.ts';
import { Ledger } from '../../../src/policy/limits/ledger.ts';
import type { LimitTable } from '../../../src/policy/limits/limits.ts';
import { limits } from '../../support/limits.ts';

const ANN: Identity = { kind: 'user', name: 'ann', group: 'staff' };

/** Members by name, one clock, and what each says next. */
function start(...names: readonly string[]) {
  const clock = { ms: 1000 };
  const seqs = new Map<string, number>();
  const ledgers = new Map(names.map((name) => [name, new Ledger(() => clock.ms)]));
  for (const ledger of ledgers.values()) ledger.follow();
  const ledger = (name: string) => ledgers.get(name)!;
  const say = (member: string): RowsMessage => {
    const seq = (seqs.get(member) ?? 0) + 1;
    seqs.set(member, seq);
    return { member, epoch: 1, seq, ...ledger(member).changes() };
  };
  const tell = (table: LimitTable, member: string) => {
    const said = say(member);
    for (const name of names) if (name !== member) ledger(name).hear(table, said);
    return said;
  };
  return { clock, ledger, say, tell };
}

function enter(ledger: Ledger, table: LimitTable, client: string): Entry | string {
  const limit = ledger.objectionTo(table, client) ?? ledger.crowding(table);
  return limit === undefined ? ledger.enter(table, client) : limit.text;
}

function enterOrFail(ledger: Ledger, table: LimitTable, client: string): Entry {
  const entry = enter(ledger, table, client);
  if (typeof entry === 'string') throw new Error(entry);
  return entry;
}

test('sessions that are elsewhere count against the limits of a client, a user, a group and all', (t) => {
  for (const [text, client] of [
    ['client sessions=2', 'a'],
    ['user sessions=2', 'b'],
    ['group sessions=2', 'b'],
    ['total sessions=2', 'b'],
  ] as const) {
    const { ledger, tell } = start('here', 'there');
    const table = limits(text);
    const first = enterOrFail(ledger('here'), table, 'a');
    ledger('here').settle(table, first, ANN);
    tell(table, 'here');
    const second = enterOrFail(ledger('there'), table, client);
    t.is(ledger('there').settle(table, second, ANN), undefined);
    const refusal = () => {
      const third = enter(ledger('there'), table, client);
      if (typeof third === 'string') return third;
      const limit = ledger('there').settle(table, third, ANN)?.text;
      ledger('there').leave(third);
      return limit;
    };
    t.is(refusal(), `${text} (test.conf:1)`);
    ledger('here').leave(first);
    tell(table, 'here');
    t.is(refusal(), undefined);
  }
});

test('handshakes elsewhere count for a client, and not for all: each member presses out its own', (t) => {
  const { ledger, tell } = start('here', 'there');
  const table = limits('client handshakes=1', 'total handshakes=1');
  enterOrFail(ledger('here'), table, 'a');
  tell(table, 'here');
  t.is(enter(ledger('there'), table, 'a'), 'client handshakes=1 (test.conf:1)');
  enterOrFail(ledger('there'), table, 'b');
});

test('what arrives elsewhere uses up a rate here, and wears off', (t) => {
  const { clock, ledger, tell } = start('here', 'there');
  const table = limits('client rate=2');
  for (let at = 0; at < 4; at++) ledger('here').leave(enterOrFail(ledger('here'), table, 'a'));
  t.is(enter(ledger('here'), table, 'a'), 'client rate=2 (test.conf:1)');
  tell(table, 'here');
  t.is(enter(ledger('there'), table, 'a'), 'client rate=2 (test.conf:1)');
  clock.ms += 500;
  ledger('there').leave(enterOrFail(ledger('there'), table, 'a'));
  t.is(enter(ledger('there'), table, 'a'), 'client rate=2 (test.conf:1)');
  clock.ms += 10_000;
  enterOrFail(ledger('there'), table, 'b');
  t.is(ledger('there').size, 1, 'it is forgotten');
});

test('a member that ends, or was not heard of for a while, counts no more', (t) => {
  const { clock, ledger, tell } = start('here', 'there');
  const table = limits('client sessions=1');
  enterOrFail(ledger('here'), table, 'a');
  const said = tell(table, 'here');
  t.is(typeof enter(ledger('there'), table, 'a'), 'string');
  ledger('there').lose('here');
  ledger('there').hear(table, said);
  enterOrFail(ledger('there'), table, 'a');
  clock.ms += 4000;
  tell(table, 'there');
  t.is(typeof enter(ledger('here'), table, 'a'), 'string');
});

test('a carrier that asks late is told what counts then, once; without one nothing is marked', (t) => {
  const { ledger, say } = start('here');
  const table = limits();
  const entries = ['a', 'b'].map((client) => enterOrFail(ledger('here'), table, client));
  ledger('here').leave(entries[0]!);
  const rows = ({ rows }: Pick<RowsMessage, 'rows'>) =>
    rows.map(({ scope, name, sessions, handshakes }) => `${scope} ${name} ${sessions} ${handshakes}`).sort();
  const counted = ['client b 1 1', 'total  1 1'];
  t.deepEqual(rows(say('here')), ['client a 0 0', ...counted]);
  t.deepEqual(rows(say('here')), []);
  ledger('here').settle(table, entries[1]!, ANN);
  t.deepEqual(rows(say('here')), ['client b 1 0', 'group staff 1 0', 'total  1 0', 'user ann 1 0']);
  const alone = new Ledger(() => 0);
  alone.leave(alone.enter(table, 'a'));
  alone.enter(table, 'b');
  t.deepEqual([alone.changes().isFull, rows(alone.changes())], [true, counted]);
});

test('with more changes than are marked all is told', (t) => {
  const ledger = new Ledger(() => 0);
  const table = limits();
  ledger.follow();
  ledger.enter(table, 'here');
  for (let at = 0; at < 65_536; at++) ledger.leave(ledger.enter(table, String(at)));
  const { isFull, rows } = ledger.changes();
  t.deepEqual([isFull, rows.map(({ name }) => name)], [true, ['', 'here']]);
  t.deepEqual(ledger.changes(), { isFull: false, rows: [] });
});

test('after any schedule, when all have heard the last of each, everybody counts what is there', (t) => {
  const step = fc.record({
    member: fc.constantFrom('m', 'n', 'o'),
    what: fc.constantFrom('enter', 'enter', 'settle', 'leave', 'tell'),
    client: fc.constantFrom('a', 'b'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.infiniteStream(fc.boolean()), (steps, luck) => {
      const { ledger, say } = start('m', 'n', 'o');
      const none = limits();
      const entries = new Map<string, Entry[]>(['m', 'n', 'o'].map((name) => [name, []]));
      const said: RowsMessage[] = [];
      for (const { member, what, client } of steps) {
        const own = entries.get(member)!;
        if (what === 'enter') own.push(ledger(member).enter(none, client));
        else if (what === 'settle' && own[0]) ledger(member).settle(none, own[0], ANN);
        else if (what === 'leave' && own[0]) ledger(member).leave(own.shift()!);
        else if (what === 'tell') said.push(say(member));
      }
      for (const name of 'mno') said.push(say(name));
      // Late ones first, some of them again in the end.
      const schedule = [...said].reverse().concat(said.filter(() => luck.next().value));
      for (const each of schedule) {
        for (const name of 'mno') if (name !== each.member) ledger(name).hear(none, each);
      }
      const here = (client: string) =>
        [...entries.values()].flat().filter((entry) => entry.client.name === client).length;
      for (const name of 'mno') {
        for (const client of 'ab') {
          const count = here(client);
          t.is(ledger(name).objectionTo(limits(`client sessions=${count + 1}`), client), undefined);
          if (count > 0) t.truthy(ledger(name).objectionTo(limits(`client sessions=${count}`), client));
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('of a burst over members that have told each other, the second look leaves as many as the limit allows', (t) => {
  const [names, table] = [['1', '2', '3'], limits('user sessions=10')] as const;
  const burst = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(burst, (clients) => {
      const { ledger, tell } = start(...names);
      for (const name of names) ledger(name).follow(undefined, { member: name, members: names.length });
      // All are let in before any member has heard of another one.
      const entered = clients.flatMap((name, at) => {
        const entry = enterOrFail(ledger(name), table, `c${at}`);
        return ledger(name).settle(table, entry, ANN) === undefined ? [{ name, entry }] : [];
      });
      for (const name of names) tell(table, name);
      const kept = entered.filter(({ name, entry }) => {
        const isTooMuch = ledger(name).secondLook(table, entry) !== undefined;
        if (isTooMuch) ledger(name).leave(entry);
        return !isTooMuch;
      });
      t.true(kept.length <= 10, `${kept.length} of ${clients.length}`);
      // The member with the lowest name yields to nobody.
      const first = names.find((name) => clients.includes(name));
      const ofFirst = Math.min(10, clients.filter((name) => name === first).length);
      t.is(kept.filter(({ name }) => name === first).length, ofFirst);
    }),
  );
});
