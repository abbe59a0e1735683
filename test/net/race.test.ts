import { setImmediate as settled } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import type { Ip } from '../../src/base/ip.ts';
import { race, type Pace } from '../../src/net/dial/race.ts';
import type { Answer } from '../../src/net/dns/namesource.ts';
import type { NameLookup } from '../../src/net/names/resolve.ts';
import type { Leg } from '../../src/net/transport.ts';
import { ip } from '../support/ip.ts';

/** Time that passes only when the test says so. */
class Clock {
  nowMs = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly then: () => void }>();

  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const timer = { dueMs: this.nowMs + milliseconds, then };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get running(): number {
    return this.#timers.size;
  }

  async pass(milliseconds: number): Promise<void> {
    this.nowMs += milliseconds;
    for (const timer of this.#timers) {
      if (timer.dueMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.then();
    }
    await settled();
  }
}

/** A deadline that shows who is registered. */
class WatchedDeadline extends Deadline {
  readonly listeners = new Set<(fault: Fault) => void>();

  override whenEnded(listener: (fault: Fault) => void): () => void {
    this.listeners.add(listener);
    const forget = super.whenEnded(listener);
    return () => {
      this.listeners.delete(listener);
      forget();
    };
  }
}

interface Attempt {
  readonly deadline: Deadline;
  connect(): void;
  fail(code: FaultCode): void;
}

interface Legs {
  readonly opened: Leg[];
  readonly closed: Leg[];
}

/** A race whose attempts are made and ended by hand; `denied` addresses are forbidden. */
function startRace(lookup: NameLookup, denied: readonly string[] = [], changes: Partial<Pace> = {}) {
  const clock = new Clock();
  const attempts = new Map<string, Attempt>();
  const legs: Legs = { opened: [], closed: [] };
  const deadline = new WatchedDeadline(0, 'CONNECT_TIMEOUT');
  const start = (address: Ip, child: Deadline): Promise<Leg> | Fault => {
    if (denied.includes(address)) return new Fault('GUARD_DENIED');
    const { promise, attempt } = openAttempt(address, child, legs);
    attempts.set(address, attempt);
    return promise;
  };
  const pace: Pace = { resolutionDelayMs: 50, attemptDelayMs: 250, after: clock.after, ...changes };
  const outcome = race(lookup, start, deadline, pace).then((leg) => leg.remote.ip as string, codeOf);
  const tried = () => [...attempts.keys()];
  const attempt = (address: string): Attempt => attempts.get(address)!;
  const { listeners } = deadline;
  return { clock, attempt, tried, legs, deadline, listeners, outcome };
}

function codeOf(error: unknown): string {
  return error instanceof Fault ? error.code : String(error);
}

/** An attempt ends once: by hand, or because it was called off. */
function openAttempt(address: Ip, deadline: Deadline, legs: Legs) {
  let resolve: (leg: Leg) => void = () => undefined;
  let reject: (fault: Fault) => void = () => undefined;
  const promise = new Promise<Leg>((...both) => ([resolve, reject] = both));
  let ended = false;
  const once = (end: () => void): void => {
    if (!ended) end();
    ended = true;
  };
  deadline.whenEnded((fault) => once(() => reject(fault)));
  const connect = () => {
    const remote = { ip: address, port: 1 };
    const leg = { remote, close: () => legs.closed.push(leg) } as unknown as Leg;
    legs.opened.push(leg);
    resolve(leg);
  };
  const attempt: Attempt = {
    deadline,
    connect: () => once(connect),
    fail: (code) => once(() => reject(new Fault(code))),
  };
  return { promise, attempt };
}

/** An answer that comes when the test says so. */
function later() {
  let come: (answer: Answer) => void = () => undefined;
  const answer = new Promise<Answer>((resolve) => (come = resolve));
  return { answer, come };
}

const V6 = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(ip);
const V4 = ['192.0.2.1', '192.0.2.2'].map(ip);

test('HE-1: a silent first address costs 250 ms, and is called off when the second connects', async (t) => {
  const { clock, attempt, tried, outcome } = startRace({ ipv6: V6.slice(0, 1), ipv4: V4 });
  await clock.pass(249);
  t.deepEqual(tried(), ['2001:db8::1']);
  await clock.pass(1);
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1']);
  attempt('192.0.2.1').connect();
  t.is(await outcome, '192.0.2.1');
  t.is(attempt('2001:db8::1').deadline.ended?.code, 'CONNECT_FAILED');
  t.is(attempt('192.0.2.1').deadline.ended, undefined, 'the winner is not called off');
  t.is(clock.running, 0);
});

test('HE-2: an address that fails is followed by the next at once', async (t) => {
  const { clock, attempt, tried, outcome } = startRace({ ipv6: V6.slice(0, 1), ipv4: V4 });
  attempt('2001:db8::1').fail('NETWORK_UNREACHABLE');
  await settled();
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1']);
  t.is(clock.nowMs, 0);
  attempt('192.0.2.1').connect();
  t.is(await outcome, '192.0.2.1');
});

test('HE-3: forbidden addresses are skipped without a wait', async (t) => {
  const { attempt, tried, outcome } = startRace({ ipv6: V6, ipv4: V4 }, [...V6, '192.0.2.1']);
  t.deepEqual(tried(), ['192.0.2.2']);
  attempt('192.0.2.2').connect();
  t.is(await outcome, '192.0.2.2');
});

for (const { namePatienceMs, ipv4, code } of [
  { namePatienceMs: 0, ipv4: undefined, code: 'RESOLVER_FAILED' },
  { namePatienceMs: 60_000, ipv4: undefined, code: 'CONNECT_TIMEOUT' },
  { namePatienceMs: 0, ipv4: V4, code: 'CONNECT_TIMEOUT' },
]) {
  const what = ipv4 === undefined ? 'nothing is known of the name' : 'an attempt runs';
  test(`the deadline ends with ${code} where ${what} after ${namePatienceMs} ms of patience`, async (t) => {
    const silent = new Promise<never>(() => undefined);
    const { deadline, outcome, clock } = startRace({ ipv6: silent, ipv4: ipv4 ?? silent }, [], {
      namePatienceMs,
    });
    await clock.pass(50);
    deadline.end(new Fault('CONNECT_TIMEOUT'));
    t.is(await outcome, code);
  });
}

test('families take turns, IPv6 first, and then what is left', async (t) => {
  const { clock, tried, deadline, outcome } = startRace({ ipv6: V6, ipv4: V4 });
  for (let waits = 0; waits < 4; waits += 1) await clock.pass(250);
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2', '2001:db8::3']);
  deadline.end(new Fault('CONNECT_TIMEOUT'));
  t.is(await outcome, 'CONNECT_TIMEOUT');
});

test('IPv4 waits 50 ms for the IPv6 answer, and starts without it then', async (t) => {
  const { clock, tried, attempt, outcome } = startRace({ ipv6: later().answer, ipv4: V4 });
  await clock.pass(49);
  t.deepEqual(tried(), []);
  await clock.pass(1);
  t.deepEqual(tried(), ['192.0.2.1']);
  attempt('192.0.2.1').connect();
  t.is(await outcome, '192.0.2.1');
});

test('an IPv6 answer within the 50 ms goes first, at once', async (t) => {
  const ipv6 = later();
  const { clock, tried, attempt, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4 });
  await clock.pass(20);
  ipv6.come(V6);
  await settled();
  t.deepEqual(tried(), ['2001:db8::1']);
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('an empty or failed IPv6 answer ends the 50 ms', async (t) => {
  for (const answer of [[], new Fault('RESOLVER_FAILED')]) {
    const ipv6 = later();
    const { tried, deadline, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4 });
    ipv6.come(answer);
    await settled();
    t.deepEqual(tried(), ['192.0.2.1']);
    deadline.end(new Fault('SHUTTING_DOWN'));
    t.is(await outcome, 'SHUTTING_DOWN');
  }
});

test('an IPv6 answer does not wait for IPv4', async (t) => {
  const { tried, attempt, outcome } = startRace({ ipv6: V6, ipv4: later().answer });
  t.deepEqual(tried(), ['2001:db8::1']);
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('a late answer joins the race that is on', async (t) => {
  const ipv6 = later();
  const { clock, tried, attempt, outcome } = startRace({ ipv6: ipv6.answer, ipv4: V4.slice(0, 1) });
  await clock.pass(50);
  await clock.pass(250);
  ipv6.come(V6);
  await settled();
  t.deepEqual(tried(), ['192.0.2.1', '2001:db8::1'], 'the wait was over: it starts at once');
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
});

test('a race whose addresses have all failed waits for the answer that is missing', async (t) => {
  const ipv4 = later();
  const { tried, attempt, outcome } = startRace({ ipv6: V6.slice(0, 1), ipv4: ipv4.answer });
  attempt('2001:db8::1').fail('NETWORK_UNREACHABLE');
  await settled();
  ipv4.come(V4.slice(0, 1));
  await settled();
  t.deepEqual(tried(), ['2001:db8::1', '192.0.2.1']);
  attempt('192.0.2.1').fail('CONNECTION_REFUSED');
  t.is(await outcome, 'CONNECTION_REFUSED');
});

test('of two that connect at the same moment one is kept and one is closed', async (t) => {
  const { clock, attempt, legs, outcome } = startRace({ ipv6: V6, ipv4: V4 });
  await clock.pass(250);
  attempt('192.0.2.1').connect();
  attempt('2001:db8::1').connect();
  t.is(await outcome, '192.0.2.1');
  await settled();
  t.deepEqual(legs.closed, legs.opened.slice(1));
});

test('the end of the deadline ends every attempt with its reason', async (t) => {
  const { clock, attempt, deadline, outcome } = startRace({ ipv6: V6, ipv4: later().answer });
  await clock.pass(250);
  deadline.end(new Fault('CLIENT_CLOSED'));
  t.is(await outcome, 'CLIENT_CLOSED');
  for (const address of V6.slice(0, 2)) t.is(attempt(address).deadline.ended?.code, 'CLIENT_CLOSED');
  t.is(clock.running, 0);
});

test('a deadline that has ended before starts nothing', async (t) => {
  const deadline = new Deadline(0, 'CONNECT_TIMEOUT');
  deadline.end(new Fault('SHUTTING_DOWN'));
  const start = () => new Fault('CONNECT_FAILED', 'it was started');
  t.is(await race({ ipv6: V6, ipv4: V4 }, start, deadline).then(() => 'won', codeOf), 'SHUTTING_DOWN');
});

test('a race that is over has let go of its deadline', async (t) => {
  const { deadline, attempt, outcome, listeners } = startRace({ ipv6: V6, ipv4: V4 });
  t.is(listeners.size, 1);
  attempt('2001:db8::1').connect();
  t.is(await outcome, '2001:db8::1');
  t.is(listeners.size, 0);
  t.is(deadline.ended, undefined);
});

test('at most 16 addresses are tried', async (t) => {
  const many = Array.from({ length: 30 }, (_, at) => ip(`192.0.2.${at}`));
  const { tried, attempt, outcome } = startRace({ ipv6: [], ipv4: many });
  for (let failed = 0; failed < tried().length; failed += 1) {
    attempt(tried()[failed]!).fail('CONNECTION_REFUSED');
    await settled();
  }
  t.is(await outcome, 'CONNECTION_REFUSED');
  t.is(tried().length, 16);
});

const NAME_FAILURES: readonly { what: string; lookup: NameLookup; code: FaultCode }[] = [
  { what: 'no address at all', lookup: { ipv6: [], ipv4: [] }, code: 'NAME_NOT_FOUND' },
  { what: 'no address later', lookup: { ipv6: [], ipv4: Promise.resolve([]) }, code: 'NAME_NOT_FOUND' },
  {
    what: 'one family failing',
    lookup: { ipv6: [], ipv4: new Fault('RESOLVER_FAILED') },
    code: 'RESOLVER_FAILED',
  },
  {
    what: 'too many look-ups',
    lookup: { ipv6: new Fault('RESOLVER_BUSY'), ipv4: new Fault('RESOLVER_BUSY') },
    code: 'RESOLVER_BUSY',
  },
];

for (const { what, lookup, code } of NAME_FAILURES) {
  test(`a name with ${what} is ${code}`, async (t) => {
    t.is(await startRace(lookup).outcome, code);
  });
}

test('when every address is forbidden, the denial is the fault', async (t) => {
  const denied = [...V6, ...V4];
  t.is(await startRace({ ipv6: V6, ipv4: V4 }, denied).outcome, 'GUARD_DENIED');
  t.is(await startRace({ ipv6: new Fault('RESOLVER_FAILED'), ipv4: V4 }, denied).outcome, 'GUARD_DENIED');
});

test('whatever happens in whatever order: the winner alone is left, and no timer runs', async (t) => {
  const step = fc.constantFrom('pass', 'connect', 'fail', 'ipv6', 'ipv4', 'end');
  const steps = fc.array(fc.record({ what: step, which: fc.nat(4), pause: fc.boolean() }), { maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const ipv6 = later();
      const ipv4 = later();
      const run = startRace({ ipv6: ipv6.answer, ipv4: ipv4.answer });
      const attempt = (which: number) => run.attempt(run.tried()[which] ?? '') as Attempt | undefined;
      const end = () => run.deadline.end(new Fault('CLIENT_CLOSED'));
      const act = {
        pass: (which: number) => run.clock.pass(50 * which),
        connect: (which: number) => attempt(which)?.connect(),
        fail: (which: number) => attempt(which)?.fail('CONNECTION_REFUSED'),
        ipv6: (which: number) => ipv6.come(V6.slice(0, which)),
        ipv4: (which: number) => ipv4.come(V4.slice(0, which)),
        end,
      };
      for (const { what, which, pause } of script) {
        await act[what](which);
        if (pause) await settled();
      }
      end();
      const outcome = await run.outcome;
      await settled();
      const left = run.legs.opened.length - run.legs.closed.length;
      t.is(left, outcome.includes('.') || outcome.includes(':') ? 1 : 0, outcome);
      t.is(run.clock.running, 0);
    }),
    { numRuns: 300 },
  );
});
