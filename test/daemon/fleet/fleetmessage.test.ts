// What stands in the log of a store is read as data: members get a message of a known shape or a reason, with the times of their own clock.
import test from 'ava';
import fc from 'fast-check';
import {
  decodeFleetMessage,
  encodeFleetMessage,
  type FleetMessage,
} from '../../../src/daemon/fleet/fleetmessage.ts';

const count = fc.nat();
const party = {
  scope: fc.constantFrom('total' as const, 'client' as const, 'user' as const),
  name: fc.string(),
};
const entry = fc.record({
  name: fc.string(),
  value: fc.string(),
  endsAt: fc.integer({ min: 2 ** 40, max: 2 ** 41 }),
  stamp: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 40, max: 2 ** 41 })),
  state: fc.constantFrom('holds' as const, 'removed' as const),
});
const facts = fc.record(
  {
    seq: count,
    isFull: fc.boolean(),
    rows: fc.array(fc.record({ ...party, sessions: count, handshakes: count, arrivals: count })),
    bytes: fc.array(
      fc.record({ ...party, day: fc.constant('2026-11-30'), dayBytes: count, monthBytes: count }),
    ),
    entries: fc.array(
      fc.record({ kind: fc.constantFrom('bans' as const, 'authOnce' as const), facts: fc.array(entry) }),
    ),
    demands: fc.array(fc.record({ ...party, up: count, down: fc.constantFrom(0, 5, Infinity) })),
  },
  { requiredKeys: ['seq', 'isFull'] },
);
const sender = { member: fc.stringMatching(/^[a-z]{1,64}$/), epoch: count };
const messages: fc.Arbitrary<FleetMessage> = fc.oneof(
  fc.record({ ...sender, kind: fc.constant('facts' as const), facts }),
  fc.record({ ...sender, kind: fc.constantFrom('hello' as const, 'bye' as const) }),
);
const difference = fc.integer({ min: -7_200_000, max: 7_200_000 });

test('a message comes back as it was sent, whatever the clock of the host differs by', (t) => {
  fc.assert(
    fc.property(messages, difference, (message, aheadMs) => {
      const read = decodeFleetMessage(encodeFleetMessage(message, aheadMs), aheadMs);
      t.deepEqual(read, { kind: 'value', value: message });
    }),
  );
});

test('between two members an entry ends at the same moment, by the clock of each', (t) => {
  const ban = { name: '192.0.2.7', value: '', endsAt: 2 ** 41, stamp: 2 ** 40, state: 'holds' as const };
  const said: FleetMessage = {
    member: 'm1',
    epoch: 1,
    kind: 'facts',
    facts: { seq: 0, isFull: false, entries: [{ kind: 'bans', facts: [ban] }] },
  };
  // The clock of the one that says it is an hour ahead of the store, that of the other one a minute behind.
  const line = encodeFleetMessage(said, -3_600_000);
  const heard = decodeFleetMessage(line, 60_000);
  const facts = heard.kind === 'value' && heard.value.kind === 'facts' ? heard.value.facts : undefined;
  t.is(facts?.entries?.[0]?.facts[0]?.endsAt, ban.endsAt - 3_660_000);
  t.is(facts?.entries?.[0]?.facts[0]?.stamp, ban.stamp - 3_660_000);
});

test('anything else is refused with a reason, and nothing throws', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      t.is(decodeFleetMessage(line, 0).kind, 'wrong');
    }),
  );
  t.is(
    decodeFleetMessage(JSON.stringify({ member: 'm1', epoch: 1, kind: 'bye', x: '-'.repeat(2 ** 20) }), 0)
      .kind,
    'wrong',
  );
});
