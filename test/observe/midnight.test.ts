// A session that is open over midnight, by a clock of the test: each of its days has its bytes, and they are those of the quotas.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Accountant } from '../../src/observe/figures/accountant.ts';
import { formatJsonRecord } from '../../src/observe/figures/accountrecord.ts';
import { sumUp } from '../../src/pis5ctl/accounts.ts';
import { Usage } from '../../src/policy/limits/quota.ts';
import { Oversight } from '../../src/session/server/oversight.ts';
import type { Registry } from '../../src/session/server/registry.ts';
import type { Session } from '../../src/session/session.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { limits } from '../support/limits.ts';

// The night of 2026-10-25 has an hour more there.
process.env['TZ'] = 'Europe/Berlin';

const ANN = { scope: 'user', name: 'ann' } as const;
const MOVED_PER_SECOND = { bytesUp: 7, bytesDown: 1001 };

interface Alarm {
  readonly atMs: number;
  readonly then: () => void;
}

/** Time that passes in steps, each from one alarm to the next. */
class VirtualClock {
  nowMs: number;
  #alarms: Alarm[] = [];

  constructor(from: string) {
    this.nowMs = Date.parse(from);
  }

  readonly now = (): number => this.nowMs;

  readonly after = (milliseconds: number, then: () => void): (() => void) => {
    const alarm = { atMs: this.nowMs + milliseconds, then };
    this.#alarms.push(alarm);
    return () => (this.#alarms = this.#alarms.filter((each) => each !== alarm));
  };

  /** `lateMs`: alarms come so much later. */
  until(when: string, lateMs = 0): void {
    const endMs = Date.parse(when);
    for (;;) {
      const next = [...this.#alarms].sort((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs + lateMs > endMs) break;
      this.#alarms = this.#alarms.filter((each) => each !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs + lateMs);
      next.then();
    }
    this.nowMs = endMs;
  }
}

for (const [intervalMs, lateMs] of [
  [0, 0],
  [600_000, 0],
  [7000, 1],
] as const)
  test(`a session over midnights is split by day, as the quotas are (interval ${intervalMs} ms)`, async (t) => {
    const clock = new VirtualClock('2026-10-23T20:00:00.000Z');
    const beganMs = clock.nowMs;
    const usage = new Usage(clock.now);
    const progress = () => {
      const seconds = Math.floor((clock.nowMs - beganMs) / 1000);
      return {
        bytesUp: seconds * MOVED_PER_SECOND.bytesUp,
        bytesDown: seconds * MOVED_PER_SECOND.bytesDown,
      };
    };
    const session = {
      ...{ id: 1, client: { ip: '192.0.2.1', port: 9 }, startedAtMs: 0, stage: 'relaying' },
      identity: { kind: 'user', name: 'ann', group: undefined },
      activity: { progress },
      entry: { bookedBytes: 0, accounts: [ANN] },
    } as unknown as Session;
    const table = limits('user day=1T');
    const oversight = new Oversight({ list: () => [] } as unknown as Registry, usage, table);
    oversight.stop();
    const lines: string[] = [];
    const accountant = new Accountant((record) => lines.push(formatJsonRecord(record)), clock);
    const hear = accountant.hearing(() => undefined);
    hear({ kind: 'connected', session, bound: session.client });
    accountant.follow(intervalMs, { list: () => [session], book: (...moved) => oversight.book(...moved) });

    const ofQuotas: (readonly [string, number])[] = [];
    // Each day of that place, from its midnight on; the second one has 25 hours.
    for (const [day, end] of [
      ['2026-10-23', '2026-10-23T22:00:00.000Z'],
      ['2026-10-24', '2026-10-24T22:00:00.000Z'],
      ['2026-10-25', '2026-10-25T23:00:00.000Z'],
    ] as const) {
      clock.until(new Date(Date.parse(end) - 1).toISOString(), lateMs);
      ofQuotas.push([day, usage.of(ANN).dayBytes]);
      clock.until(end, lateMs);
    }
    clock.until('2026-10-26T03:00:00.000Z', lateMs);
    oversight.book(session, progress());
    hear({ kind: 'ended', session, seconds: 9, endedBy: 'client-fin', ...progress() });
    ofQuotas.push(['2026-10-26', usage.of(ANN).dayBytes]);
    accountant.stop();

    const file = join(temporaryFolder(t), 'accounting');
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const summed = await sumUp({ party: 'user', period: 'day', file, form: 'csv' });
    const days = summed.lines.slice(1).map((line) => line.split(','));
    t.deepEqual(
      days.map(([day, , , , , bytes]) => [day, Number(bytes)]),
      ofQuotas.map((each) => [...each]),
    );
    const perSecond = MOVED_PER_SECOND.bytesUp + MOVED_PER_SECOND.bytesDown;
    // 2, 24, 25 and 4 hours; a day ends 5 ms early, before its last second is whole.
    t.deepEqual(
      ofQuotas.map(([, bytes]) => bytes / perSecond),
      [2 * 3600 - 1, 24 * 3600, 25 * 3600, 4 * 3600 + 1],
    );
  });

test('a record for the end of a day that comes late bears the day that has ended', (t) => {
  const clock = new VirtualClock('2026-11-30T22:59:00.000Z');
  const session = {
    ...{ id: 1, client: { ip: '192.0.2.1', port: 9 }, startedAtMs: 0, identity: undefined },
    activity: { progress: () => ({ bytesUp: 5, bytesDown: 0 }) },
  } as unknown as Session;
  const times: string[] = [];
  const accountant = new Accountant(({ record, time }) => times.push(`${record} ${time}`), clock);
  accountant.hearing(() => undefined)({ kind: 'connected', session, bound: session.client });
  accountant.follow(0, { list: () => [session], book: () => undefined });
  clock.until('2026-11-30T23:00:01.000Z', 300);
  accountant.stop();
  t.deepEqual(times, ['start 2026-11-30T22:59:00.000Z', 'interim 2026-11-30T22:59:59.999Z']);
});
