// Wrong passwords at the page, by a clock of the test: how many a client has, and when it has more.
import test from 'ava';
import { Fault } from '../../../src/base/fault.ts';
import type { Ip } from '../../../src/base/ip.ts';
import { parseCidr } from '../../../src/base/ip.ts';
import { Watch } from '../../../src/daemon/web/watch.ts';
import { Bans, type BanRules } from '../../../src/policy/access/bans.ts';
import type { SessionEvent } from '../../../src/session/events.ts';

const RULES: BanRules = {
  ...{ failures: 3, windowMs: 1e6, firstMs: 60_000, longestMs: 60_000 },
  allow: [parseCidr('198.51.100.0/24')!],
};
const CLIENT = { ip: '192.0.2.1' as Ip, port: 9 };
const SPARED = { ip: '198.51.100.9' as Ip, port: 9 };

function watched() {
  const clock = { nowMs: 0 };
  const events: SessionEvent[] = [];
  const records: unknown[] = [];
  const bans = new Bans(() => clock.nowMs);
  const watch = new Watch({
    bans,
    rules: () => RULES,
    log: { tell: ({ event, fields }) => void records.push([event, fields]) },
    report: (event) => void events.push(event),
    now: () => clock.nowMs,
  });
  return { watch, bans, clock, events, records };
}

test('a client has ten guesses a minute, and passwords that were right are none', (t) => {
  const { watch, clock } = watched();
  for (let count = 0; count < 50; count++) {
    t.true(watch.begin(CLIENT.ip));
    watch.succeeded(CLIENT.ip);
  }
  for (let count = 0; count < 10; count++) t.true(watch.begin(CLIENT.ip));
  t.false(watch.begin(CLIENT.ip));
  t.true(watch.begin('192.0.2.2' as Ip));
  clock.nowMs = 59_999;
  t.false(watch.begin(CLIENT.ip));
  clock.nowMs = 60_000;
  t.true(watch.begin(CLIENT.ip));
  for (let count = 0; count < 50; count++) t.true(watch.begin(SPARED.ip));
});

test('wrong passwords ban the client, not the name, and a right one of somebody locked out is no guess', (t) => {
  const { watch, bans, events, records } = watched();
  const wrong = new Fault('LOGIN_FAILED');
  for (let count = 0; count < 5; count++) watch.failed(SPARED, 'ann', wrong);
  for (let count = 0; count < 5; count++) watch.failed(CLIENT, 'ann', new Fault('LOGIN_LOCKED'));
  t.deepEqual([watch.isBanned(CLIENT.ip), events], [false, []]);
  for (let count = 0; count < 3; count++) watch.failed(CLIENT, 'ann', wrong);
  t.true(watch.isBanned(CLIENT.ip));
  t.deepEqual(
    events.map((event) => event.kind === 'banned' && event.ban.name),
    ['192.0.2.1'],
  );
  t.false(bans.locks(RULES, '192.0.2.77' as Ip, 'ann'));
  t.deepEqual(records.at(-1), [
    'login-failed',
    { client: '192.0.2.1:9', why: 'LOGIN_FAILED', at: 'metrics', user: 'ann' },
  ]);
});
