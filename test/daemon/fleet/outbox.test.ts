// What waits for the store: one telling at most, and nothing while the store is away.
import test from 'ava';
import { Outbox } from '../../../src/daemon/fleet/outbox.ts';
import type { EntryFact } from '../../../src/policy/facts/fact.ts';

const row = { scope: 'client' as const, name: '192.0.2.1', sessions: 1, handshakes: 0, arrivals: 1 };
const beat = { seq: 0, isFull: false, rows: [] };

function ban(name: string, stamp: number): EntryFact {
  return { name, value: '', endsAt: 2000, stamp, state: 'holds' };
}

test('while the store is away nothing is kept, and the carrier is told that it is not free', (t) => {
  const outbox = new Outbox(() => undefined);
  for (let each = 0; each < 1000; each++) outbox.send({ seq: each, isFull: false, rows: [row] });
  t.is(outbox.first, undefined);
  t.false(outbox.isFree());
  let free = 0;
  outbox.whenFree(() => free++);
  outbox.open();
  t.is(free, 1);
  t.true(outbox.isFree());
  outbox.send({ seq: 0, isFull: false, rows: [row] });
  t.false(outbox.isFree());
  outbox.close();
  outbox.open();
  t.is(outbox.first, undefined, 'what had not gone does not go later');
});

test('signs of life do not pile up, and of wishes the last one counts', (t) => {
  const outbox = new Outbox(() => undefined);
  outbox.open();
  for (let each = 0; each < 100; each++) {
    outbox.send(beat);
    outbox.send({ seq: 0, isFull: false, demands: [{ scope: 'user', name: 'ann', up: each, down: 0 }] });
  }
  t.deepEqual(outbox.first, beat);
  outbox.told();
  t.is(outbox.first?.demands?.[0]?.up, 99);
  outbox.told();
  t.is(outbox.first, undefined);
});

test('what came from the store does not go back, but for what has changed since', (t) => {
  const outbox = new Outbox(() => undefined);
  outbox.open();
  outbox.heard([{ kind: 'bans', facts: [ban('192.0.2.1', 5), ban('192.0.2.2', 5)] }]);
  outbox.send({
    seq: 0,
    isFull: false,
    entries: [{ kind: 'bans', facts: [ban('192.0.2.1', 5), ban('192.0.2.2', 6)] }],
  });
  t.deepEqual(outbox.first?.entries, [{ kind: 'bans', facts: [ban('192.0.2.2', 6)] }]);
});

test('source addresses that stick stay on their host', (t) => {
  const outbox = new Outbox(() => undefined);
  outbox.open();
  outbox.send({ seq: 0, isFull: false, entries: [{ kind: 'sources', facts: [ban('ann', 5)] }] });
  t.is(outbox.first, undefined);
});

test('whoever waits hears of the first thing to tell', async (t) => {
  const outbox = new Outbox(() => undefined);
  outbox.open();
  const waited = outbox.some(60_000);
  outbox.send(beat);
  await waited;
  t.deepEqual(outbox.first, beat);
});
