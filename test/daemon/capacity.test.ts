// How many sessions fit, and how many calls of the system.
import test from 'ava';
import { heapWarning, sessionCapacity, systemCallCapacity } from '../../src/daemon/host/capacity.ts';

const MIB = 2 ** 20;
const ROOMS = {
  descriptors: 1024,
  open: 20,
  relayThreads: 0,
  heapBytes: 2048 * MIB,
  transport: 'engine',
} as const;

function descriptorsFor(changes: Partial<typeof ROOMS> | { descriptors: number }): number {
  const { sessions, endsFirst } = sessionCapacity({ ...ROOMS, ...changes });
  return endsFirst === 'descriptors' ? sessions : NaN;
}

test('sessionCapacity() gives each session two descriptors and keeps some for the daemon', (t) => {
  t.is(descriptorsFor({}), (1024 - 20 - 12) / 2);
});

test('sessionCapacity() leaves room for the pipes of relay threads', (t) => {
  t.deepEqual(sessionCapacity({ ...ROOMS, descriptors: 20_000, open: 28, relayThreads: 2 }), {
    sessions: (20_000 - 28 - 12 - 64) / 2,
    endsFirst: 'descriptors',
  });
});

test('sessionCapacity() leaves pipes a small part of few descriptors', (t) => {
  t.is(
    sessionCapacity({ ...ROOMS, descriptors: 64, open: 28, relayThreads: 64 }).sessions,
    (64 - 28 - 12 - 2) / 2,
  );
});

test('sessionCapacity() is never less than one session', (t) => {
  t.is(sessionCapacity({ ...ROOMS, descriptors: 32, open: 30, relayThreads: 2 }).sessions, 1);
});

test('sessionCapacity() ends with the heap where descriptors do not', (t) => {
  const rooms = { ...ROOMS, descriptors: Infinity };
  t.deepEqual(sessionCapacity(rooms), { sessions: (1472 * 1024) / 8, endsFirst: 'heap' });
  t.is(sessionCapacity({ ...rooms, transport: 'streams' }).sessions, Math.floor((1472 * 1024) / 12));
});

test('sessionCapacity() gives sessions half of a heap that is too small for the tables', (t) => {
  t.is(sessionCapacity({ ...ROOMS, descriptors: Infinity, heapBytes: 256 * MIB }).sessions, (128 * 1024) / 8);
});

test('heapWarning() says what does not fit, and how to change that', (t) => {
  t.is(heapWarning(ROOMS, 0), undefined);
  t.is(heapWarning(ROOMS, 188_416), undefined);
  t.is(
    heapWarning(ROOMS, 200_000),
    'maxconn 200000: the heap of 2048 MiB has room for 188416 sessions; ' +
      'start it with NODE_OPTIONS=--max-old-space-size=MIB to change that',
  );
  t.regex(heapWarning({ ...ROOMS, heapBytes: 256 * MIB }, 0) ?? '', /256 MiB is less than the 576 MiB/);
});

test('a heap whose limit nobody has said holds any number of sessions', (t) => {
  const rooms = { ...ROOMS, heapBytes: Infinity };
  t.is(heapWarning(rooms, 1_000_000), undefined);
  t.is(sessionCapacity(rooms).endsFirst, 'descriptors');
});

for (const { threads, calls } of [
  { threads: undefined, calls: 2 },
  { threads: '8', calls: 4 },
  { threads: '1', calls: 1 },
  { threads: 'many', calls: 1 },
  { threads: '100000', calls: 512 },
] as const) {
  test(`systemCallCapacity() of ${threads ?? 'no'} threads is ${calls}`, (t) => {
    t.is(systemCallCapacity(threads), calls);
  });
}
