import { setImmediate as settled } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { race } from '../../src/net/dial/race.ts';
import { ip } from '../support/ip.ts';
import { type Attempt, startRace, codeOf, later, V6, V4 } from '../support/net/race.ts';

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
