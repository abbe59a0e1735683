import test from 'ava';
import { parseCidr, parseIp } from '../../src/base/ip.ts';
import type { Selection, SortKey } from '../../src/control/controlmessage.ts';
import { Counters } from '../../src/daemon/report/counters.ts';
import { countSessions, listSessions, selectSessions } from '../../src/daemon/report/livesessions.ts';
import type { Activity } from '../../src/session/activity.ts';
import type { Session } from '../../src/session/session.ts';

const ALL: Selection = { id: undefined, user: undefined, client: undefined };

function relaying(bytesUp: number, bytesDown: number): Partial<Session> {
  const activity: Activity = {
    progress: () => ({ bytesUp, bytesDown }),
    setRate: () => undefined,
    setStop: () => undefined,
    cut: () => undefined,
    whenEnded: () => undefined,
  };
  return { stage: 'relaying', handshake: undefined, activity };
}

function session(id: number, ip: string, changes: Partial<Session> = {}): Session {
  return {
    id,
    client: { ip: parseIp(ip)!, port: 5000 },
    startedAtMs: id * 1000,
    identity: undefined,
    command: undefined,
    destination: undefined,
    dialled: undefined,
    stage: 'accepted',
    handshake: undefined,
    activity: undefined,
    ...changes,
  } as Session;
}

const named = (name: string) => ({ kind: 'user', name, group: 'staff' }) as const;

const SESSIONS: readonly Session[] = [
  session(1, '10.0.0.2', { identity: named('zoe'), command: 'connect', ...relaying(5, 70) }),
  session(2, '10.0.0.1', {
    identity: { kind: 'anonymous', userId: 'me' },
    command: 'bind',
    ...relaying(9, 0),
  }),
  session(3, '2001:db8::7'),
  session(4, '::ffff:10.9.0.1', {
    identity: named('ann'),
    command: 'resolve-ptr',
    ...relaying(7, 80),
  }),
];

const ids = (sort: SortKey, of = ALL, limit = 10): number[] =>
  listSessions(SESSIONS, { command: 'sessions', of, sort, limit }).sessions.map(({ id }) => id);

test('what an operator looks for stands in front', (t) => {
  t.deepEqual(ids('id'), [1, 2, 3, 4]);
  t.deepEqual(ids('age'), [1, 2, 3, 4]);
  t.deepEqual(ids('up'), [2, 4, 1, 3]);
  t.deepEqual(ids('down'), [4, 1, 2, 3]);
  t.deepEqual(ids('client'), [2, 1, 3, 4]);
  t.deepEqual(ids('user'), [4, 2, 1, 3]);
});

test('a limit leaves the last ones out, and they are counted', (t) => {
  const { matching, sessions } = listSessions(SESSIONS, {
    command: 'sessions',
    of: ALL,
    sort: 'down',
    limit: 1,
  });
  t.is(matching, 4);
  t.deepEqual(
    sessions.map(({ id, user, group, up, down }) => [id, user, group, up, down]),
    [[4, 'ann', 'staff', 7, 80]],
  );
});

test('a session is chosen by all that is named', (t) => {
  const chosen = (of: Partial<Selection>) => selectSessions(SESSIONS, { ...ALL, ...of }).map(({ id }) => id);
  t.deepEqual(chosen({ user: 'ann' }), [4]);
  // What a SOCKS4 client calls itself is no user.
  t.deepEqual(chosen({ user: 'me' }), []);
  t.deepEqual(chosen({ client: parseCidr('10.0.0.0/8')! }), [1, 2, 4]);
  t.deepEqual(chosen({ client: parseCidr('2001:db8::/32')! }), [3]);
  t.deepEqual(chosen({ client: parseCidr('10.0.0.0/8')!, user: 'zoe' }), [1]);
  t.deepEqual(chosen({ id: 3, user: 'zoe' }), []);
});

test('sums hold what has ended and what goes on', (t) => {
  const counters = new Counters(() => undefined);
  counters.totals.bytesUp = 1000;
  counters.totals.accepted = 12;
  const { live, handshakes, commands, totals } = countSessions(SESSIONS, counters);
  t.deepEqual([live, handshakes], [4, 1]);
  t.deepEqual(commands, { connect: 1, bind: 1, assoc: 0, resolve: 1 });
  t.like(totals, { accepted: 12, bytesUp: 1021, bytesDown: 150 });
});

test('ten thousand sessions are listed in a few megabytes', (t) => {
  const many = Array.from({ length: 10_000 }, (_, at) =>
    session(at + 1, `10.1.${at >> 8}.${at & 255}`, {
      identity: named(`user${at}`),
      ...relaying(at, at),
    }),
  );
  const before = performance.now();
  const listed = listSessions(many, { command: 'sessions', of: ALL, sort: 'client', limit: 10_000 });
  const text = JSON.stringify(listed);
  const took = performance.now() - before;
  t.log(`${took.toFixed(1)} ms, ${text.length} bytes`);
  t.is(listed.sessions.length, 10_000);
  t.true(text.length < 4_000_000);
});
