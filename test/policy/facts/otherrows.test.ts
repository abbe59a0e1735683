// Rows of other members: whatever a carrier does with the messages, the sums are those of a plain model.
import test from 'ava';
import fc from 'fast-check';
import type { PartyCounts, Party, RowsMessage } from '../../../src/policy/facts/fact.ts';
import { OtherRows } from '../../../src/policy/facts/otherrows.ts';

const ANN: Party = { scope: 'user', name: 'ann' };
const BOB: Party = { scope: 'user', name: 'bob' };
const ALL: Party = { scope: 'total', name: '' };
const PARTIES = [ANN, BOB, ALL];

function counts(sessions: number, arrivals = 0): PartyCounts {
  return { sessions, handshakes: Math.floor(sessions / 2), arrivals };
}

function message(seq: number, parts: Partial<RowsMessage> = {}): RowsMessage {
  return { member: 'm', epoch: 1, seq, isFull: false, rows: [], ...parts };
}

function start() {
  const clock = { ms: 0 };
  const others = new OtherRows(() => clock.ms);
  const sessionsOf = (party: Party) => others.of(party).sessions;
  return { clock, others, sessionsOf };
}

/** One writer says one thing at a time: messages with the same member, epoch and seq are the same. */
const messages = fc.uniqueArray(
  fc.record({
    member: fc.constantFrom('m', 'n'),
    epoch: fc.integer({ min: 1, max: 2 }),
    seq: fc.nat(5),
    isFull: fc.boolean(),
    rows: fc
      .subarray(PARTIES)
      .chain((parties) =>
        fc.tuple(
          ...parties.map((party) =>
            fc.nat(9).map((sessions) => ({ ...party, ...counts(sessions, sessions) })),
          ),
        ),
      ),
  }),
  { maxLength: 14, selector: ({ member, epoch, seq }) => `${member} ${epoch} ${seq}` },
);

function sumOf(told: readonly RowsMessage[], { scope, name }: Party): number {
  return ['m', 'n'].reduce((sum, member) => {
    const own = told.filter((each) => each.member === member);
    const epoch = Math.max(...own.map((each) => each.epoch));
    const life = own.filter((each) => each.epoch === epoch);
    const since = Math.max(0, ...life.filter(({ isFull }) => isFull).map(({ seq }) => seq));
    const [latest] = life
      .filter(({ seq }) => seq >= since)
      .sort((one, other) => other.seq - one.seq)
      .flatMap(({ rows }) => rows.filter((row) => row.scope === scope && row.name === name));
    return sum + (latest?.sessions ?? 0);
  }, 0);
}

test('in any order, and with any of them twice, messages give the sums of a plain model', (t) => {
  const schedules = messages.chain((told) =>
    fc
      .tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.subarray(told))
      .map(([all, again]) => ({ told, schedule: [...all, ...again] })),
  );
  fc.assert(
    fc.property(schedules, ({ told, schedule }) => {
      const { others } = start();
      for (const each of schedule) {
        others.take(each);
        for (const party of PARTIES) t.true(Object.values(others.of(party)).every((count) => count >= 0));
      }
      for (const party of PARTIES) {
        const sessions = sumOf(told, party);
        t.is(others.of(party).sessions, sessions);
      }
    }),
  );
});

test('a member that starts again does not count twice, and what is left of its old life is no news', (t) => {
  const { others, sessionsOf } = start();
  others.take(message(8, { rows: [{ ...ANN, ...counts(5) }] }));
  others.take(message(0, { epoch: 2, rows: [{ ...BOB, ...counts(1) }] }));
  t.deepEqual([sessionsOf(ANN), sessionsOf(BOB)], [0, 1]);
  others.take(message(9, { rows: [{ ...ANN, ...counts(6) }] }));
  t.deepEqual([sessionsOf(ANN), sessionsOf(BOB)], [0, 1]);
});

test('the sessions of a member that says nothing new end with its lease, and come back with it', (t) => {
  const { clock, others, sessionsOf } = start();
  const said = message(1, { isFull: true, rows: [{ ...ANN, ...counts(5) }] });
  others.take(said);
  others.take(message(1, { member: 'n', rows: [{ ...ANN, ...counts(1) }] }));
  clock.ms = 2999;
  t.is(sessionsOf(ANN), 6);
  others.take(said);
  others.take(message(2, { member: 'n' }));
  clock.ms = 3100;
  t.is(sessionsOf(ANN), 1, 'a message that is repeated is no sign of life');
  others.take(said);
  t.is(sessionsOf(ANN), 1);
  others.take({ ...said, seq: 2 });
  t.is(sessionsOf(ANN), 6);
  others.leave('m');
  t.is(sessionsOf(ANN), 1);
  others.leave('n');
  t.true(others.isAlone);
});

test('arrivals are new once, and none where a member only says who it is', (t) => {
  const { others } = start();
  const arrived = (seq: number, arrivals: number, isFull = false) =>
    others
      .take(message(seq, { isFull, rows: [{ ...ANN, ...counts(1, arrivals) }] }))
      .map(({ party, arrivals: more }) => `${party.name} ${more}`);
  t.deepEqual(arrived(1, 100, true), []);
  t.deepEqual(arrived(2, 103), ['ann 3']);
  t.deepEqual(arrived(2, 103), []);
  t.deepEqual(arrived(1, 100, true), []);
  t.deepEqual(arrived(4, 110, true), ['ann 7']);
  t.deepEqual(arrived(3, 105), []);
  t.deepEqual(arrived(5, 2), ['ann 2'], 'it had forgotten the party');
  t.is(others.of(ANN).arrivals, 2);
});

test('rows and members have a bound, and those who are there already are still counted', (t) => {
  const { others, sessionsOf } = start();
  const rows = Array.from({ length: 262_144 }, (_, at) => ({
    scope: 'client' as const,
    name: String(at),
    ...counts(1),
  }));
  others.take(message(1, { rows: [...rows, { ...ANN, ...counts(1) }] }));
  t.is(others.size, 262_144);
  t.is(sessionsOf(ANN), 0);
  others.take(message(2, { rows: [{ scope: 'client', name: '7', ...counts(3) }] }));
  t.is(sessionsOf({ scope: 'client', name: '7' }), 3);
  others.take(message(3, { isFull: true, rows: [{ ...ANN, ...counts(1) }] }));
  others.take(message(4, { rows: [{ ...ANN, ...counts(1) }] }));
  for (let at = 0; at < 256; at++) {
    others.take(message(1, { member: String(at), rows: [{ ...ANN, ...counts(1) }] }));
  }
  t.is(others.size, 256, 'the first member is forgotten');
  t.is(sessionsOf(ANN), 256);
});
