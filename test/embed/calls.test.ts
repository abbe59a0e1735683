import test from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp, type Ip } from '../../src/base/ip.ts';
import { Calls, type Call } from '../../src/embed/calls.ts';

const ip = (text: string): Ip => parseIp(text)!;

/** A call whose answer the test gives. */
function open(calls: Calls, client: string, deadline = new Deadline(0, 'CONNECT_TIMEOUT')) {
  let settle: { answer: (value: unknown) => void; fail: (error: unknown) => void } | undefined;
  let signal: AbortSignal | undefined;
  const late: unknown[] = [];
  const call: Call<unknown> = {
    name: 'decide',
    client: ip(client),
    deadline,
    start: (asked) => {
      ({ signal } = asked);
      return new Promise((answer, fail) => (settle = { answer, fail }));
    },
    read: (answer) => answer,
    failing: 'REQUEST_DENIED',
    crowded: 'LIMIT_REACHED',
    late: (answer) => late.push(answer),
  };
  const ended = Promise.resolve(calls.run(call)).catch((fault: unknown) => (fault as Fault).code);
  return { ended, deadline, late, answer: settle!.answer, fail: settle!.fail, signal: signal! };
}

test('run() gives an answer that is there at once without waiting, and takes no place', (t) => {
  const calls = new Calls();
  const call = {
    name: 'decide',
    client: ip('192.0.2.1'),
    deadline: new Deadline(0, 'CONNECT_TIMEOUT'),
    start: () => 5,
    read: (answer: unknown) => answer,
    failing: 'REQUEST_DENIED',
    crowded: 'LIMIT_REACHED',
  } as const;
  t.is(calls.run(call), 5);
  t.is(calls.waiting, 0);
});

test('run() gives up its place with the answer, with the failure, and with the deadline', async (t) => {
  const calls = new Calls();
  const [answered, failed, ended] = [1, 2, 3].map(() => open(calls, '192.0.2.1'));
  t.is(calls.waiting, 3);
  answered?.answer('yes');
  t.is(await answered?.ended, 'yes');
  failed?.fail(new Error('no'));
  t.is(await failed?.ended, 'REQUEST_DENIED');
  ended?.deadline.end(new Fault('KICKED'));
  t.is(await ended?.ended, 'KICKED');
  t.is(calls.waiting, 0);
  t.deepEqual(
    [answered, failed, ended].map((each) => each?.signal.aborted),
    [false, true, true],
  );
});

test('an answer for which nobody waits is handed to whoever cleans up, and a failure ends nothing', async (t) => {
  const calls = new Calls();
  const [one, other] = [open(calls, '192.0.2.1'), open(calls, '192.0.2.1')];
  for (const { deadline } of [one, other]) deadline.end(new Fault('CONNECT_TIMEOUT'));
  one.answer('stream');
  other.fail(new Error('no'));
  await Promise.all([one.ended, other.ended]);
  await new Promise(setImmediate);
  t.deepEqual([one.late, other.late], [['stream'], []]);
});

test('a client has its own bound, and all together have one, in which whoever holds most gives way', async (t) => {
  const calls = new Calls(4, 3);
  const first = [1, 2, 3].map(() => open(calls, '192.0.2.1'));
  t.is(await open(calls, '192.0.2.1').ended, 'LIMIT_REACHED');
  const second = open(calls, '198.51.100.1');
  t.is(calls.waiting, 4);
  const third = open(calls, '203.0.113.1');
  t.is(await first[2]?.ended, 'LIMIT_REACHED');
  t.true(first[2]?.signal.aborted);
  t.is(calls.waiting, 4);
  for (const each of [first[0], first[1], second, third]) {
    each?.answer('yes');
    t.is(await each?.ended, 'yes');
  }
  t.is(calls.waiting, 0);
});

test('what a call never answers holds nothing of it in memory', async (t) => {
  if (globalThis.gc === undefined) {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    globalThis.gc = runInNewContext('gc') as typeof gc;
  }
  const calls = new Calls();
  const kept: unknown[] = [];
  const ask = async (): Promise<WeakRef<object>> => {
    const session = { id: 1 };
    const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
    const waiting = calls.run({
      name: 'decide',
      client: ip('192.0.2.1'),
      deadline,
      start: () => {
        // A program that keeps its promises for ever.
        const never = new Promise(() => undefined);
        kept.push(never);
        return never;
      },
      read: () => session,
      failing: 'REQUEST_DENIED',
      crowded: 'LIMIT_REACHED',
    });
    deadline.end(new Fault('CONNECT_TIMEOUT'));
    await t.throwsAsync(Promise.resolve(waiting));
    return new WeakRef(session);
  };
  const session = await ask();
  for (let round = 0; round < 10 && session.deref() !== undefined; round++) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
  t.is(session.deref(), undefined);
  t.is(kept.length, 1);
});
