import { mock } from 'node:test';
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { SessionEvent } from '../../src/session/events.ts';
import { TurnedAway } from '../../src/session/server/turnedaway.ts';
import { loopback } from '../support/server.ts';

const INTERVAL_MS = 10_000;

function open() {
  const told: string[] = [];
  const turnedAway = new TurnedAway((event: SessionEvent) => {
    if (event.kind !== 'turnedAway') return;
    const cause = typeof event.fault.cause === 'string' ? ` ${event.fault.cause}` : '';
    told.push(`${event.fault.code}${cause} ${event.client?.port ?? '-'} x${event.count}`);
  });
  const note = (
    code: 'SESSIONS_FULL' | 'LIMIT_REACHED' | 'RESOURCES_EXHAUSTED',
    port: number,
    cause?: unknown,
  ): void => turnedAway.note(port === 0 ? undefined : loopback(port), new Fault(code, cause));
  return { turnedAway, told, note };
}

test.before(() => mock.timers.enable({ apis: ['setTimeout'] } as never));
test.after.always(() => mock.timers.reset());

test.serial(
  'each cause is told at once, and then once in an interval with its number and last client',
  (t) => {
    const { told, note } = open();
    note('SESSIONS_FULL', 1);
    note('LIMIT_REACHED', 2, 'client sessions=1');
    note('SESSIONS_FULL', 3);
    note('SESSIONS_FULL', 4);
    note('LIMIT_REACHED', 5, 'total rate=1');
    t.deepEqual(told.splice(0), [
      'SESSIONS_FULL 1 x1',
      'LIMIT_REACHED client sessions=1 2 x1',
      'LIMIT_REACHED total rate=1 5 x1',
    ]);
    mock.timers.tick(INTERVAL_MS);
    t.deepEqual(told.splice(0), ['SESSIONS_FULL 4 x2']);
    note('SESSIONS_FULL', 6);
    t.deepEqual(told, []);
    mock.timers.tick(INTERVAL_MS);
    t.deepEqual(told.splice(0), ['SESSIONS_FULL 6 x1']);
  },
);

test.serial('a cause that was silent for an interval is told at once again', (t) => {
  const { told, note } = open();
  note('SESSIONS_FULL', 1);
  mock.timers.tick(INTERVAL_MS);
  note('SESSIONS_FULL', 2);
  t.deepEqual(told, ['SESSIONS_FULL 1 x1', 'SESSIONS_FULL 2 x1']);
});

test.serial('errors of the system are one cause, and may have no client', (t) => {
  const { told, note } = open();
  for (let each = 0; each < 5; each++) note('RESOURCES_EXHAUSTED', 0, new Error(`EMFILE ${each}`));
  t.deepEqual(told, ['RESOURCES_EXHAUSTED - x1']);
});

test.serial('stop() tells what has not been told', (t) => {
  const { told, note, turnedAway } = open();
  note('SESSIONS_FULL', 1);
  note('SESSIONS_FULL', 2);
  turnedAway.stop();
  t.deepEqual(told, ['SESSIONS_FULL 1 x1', 'SESSIONS_FULL 2 x1']);
});
