// What a worker says is read as data: whatever it sends, its parent gets a message of a known shape or a reason.
import test from 'ava';
import fc from 'fast-check';
import { eachMeasure } from '../../../src/observe/measures.ts';
import { decodeWorkerMessage, type WorkerMessage } from '../../../src/daemon/workers/workermessage.ts';

const count = fc.nat();
const scope = fc.constantFrom('total' as const, 'client' as const, 'user' as const, 'group' as const);
const party = { scope, name: fc.string() };
const facts = fc.record(
  {
    seq: count,
    isFull: fc.boolean(),
    rows: fc.array(fc.record({ ...party, sessions: count, handshakes: count, arrivals: count })),
    bytes: fc.array(
      fc.record({ ...party, day: fc.constant('2026-11-30'), dayBytes: count, monthBytes: count }),
    ),
    logins: fc.array(
      fc.record({
        kind: fc.constantFrom('failed' as const, 'succeeded' as const),
        client: fc.ipV4(),
        user: fc.string(),
      }),
    ),
    demands: fc.array(fc.record({ ...party, up: count, down: fc.constantFrom(0, 5, Infinity) })),
  },
  { requiredKeys: ['seq', 'isFull'] },
);
const figures = fc.array(
  fc.record({
    name: fc.string(),
    values: fc.array(
      fc.record({
        labels: fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), fc.string(), { maxKeys: 4 }),
        value: count,
      }),
    ),
  }),
);
const totals = fc.record(eachMeasure(() => count));
const messages: fc.Arbitrary<WorkerMessage> = fc.oneof(
  fc.record({ kind: fc.constant('facts' as const), facts }),
  fc.record({ kind: fc.constant('pong' as const), sessions: count, totals }),
  fc.record({ kind: fc.constant('figures' as const), number: count, families: figures }),
  fc.record({ kind: fc.constant('records' as const), lines: fc.array(fc.stringMatching(/^[ -~]*$/)) }),
  fc.record({ kind: fc.constant('answer' as const), number: count, answer: fc.string() }),
  fc.constantFrom({ kind: 'behind' as const }, { kind: 'more-ids' as const }),
);

test('a message comes back as it was sent', (t) => {
  fc.assert(
    fc.property(messages, (message) => {
      t.deepEqual(decodeWorkerMessage(JSON.stringify(message)), { kind: 'value', value: message });
    }),
  );
});

test('anything else is refused with a reason, and throws nothing', (t) => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        kind: fc.constantFrom('facts', 'answer', 'ready', 'failed', 'x'),
        facts: fc.json(),
        number: fc.string(),
      })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(fc.property(anything, (line) => t.is(decodeWorkerMessage(line).kind, 'wrong')));
});

test('numbers below 0, unknown parties and days that are none are refused', (t) => {
  const row = { scope: 'user', name: 'a', sessions: 1, handshakes: 0, arrivals: 0 };
  const told = (rows: unknown, more: object = {}): string =>
    JSON.stringify({ kind: 'facts', facts: { seq: 1, isFull: false, rows, ...more } });
  t.is(decodeWorkerMessage(told([row])).kind, 'value');
  for (const wrong of [{ sessions: -1 }, { sessions: 0.5 }, { scope: 'host' }, { name: 'x'.repeat(9000) }])
    t.is(decodeWorkerMessage(told([{ ...row, ...wrong }])).kind, 'wrong');
  const use = { scope: 'user', name: 'a', day: '30.11.2026', dayBytes: 1, monthBytes: 1 };
  t.is(decodeWorkerMessage(told([], { bytes: [use] })).kind, 'wrong');
});

test('a record is one line, and labels are names, or the message is refused', (t) => {
  const records = (lines: unknown): string => JSON.stringify({ kind: 'records', lines });
  t.is(decodeWorkerMessage(records(['{"a":1}'])).kind, 'value');
  for (const bad of ['a\nb', 'a\rb', 'a\0', 1]) t.is(decodeWorkerMessage(records([bad])).kind, 'wrong');
  const labelled = (labels: unknown): string =>
    JSON.stringify({ kind: 'figures', number: 1, families: [{ name: 'x', values: [{ labels, value: 1 }] }] });
  t.is(decodeWorkerMessage(labelled({ le: '0.5' })).kind, 'value');
  for (const bad of [{ 'a"': 'x' }, { a: 1 }, [1], null, { a: '', b: '', c: '', d: '', e: '' }])
    t.is(decodeWorkerMessage(labelled(bad)).kind, 'wrong');
});
