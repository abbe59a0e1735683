// Room for sessions over reloads.
import test from 'ava';
import type { ListenAddress } from '../../src/config/model/config.ts';
import { Headroom } from '../../src/daemon/host/headroom.ts';

const MIB = 2 ** 20;
const KIB_FOR_SESSIONS = 1472 * 1024;

const headroom = () =>
  new Headroom({ descriptors: Infinity, open: 20, relayThreads: 0, heapBytes: 2048 * MIB }, 'engine');
const listening = (...tls: boolean[]) => ({
  listen: tls.map((each, at): ListenAddress => ({ kind: 'any', port: at, ...(each ? { tls: true } : {}) })),
  maxSessions: 100_000,
});

test('a reload that adds a listener of TLS leaves less room, and warns of a maxconn that does not fit', (t) => {
  const room = headroom();
  const before = room.follow(listening(false), 0);
  t.is(before.capacity.sessions, KIB_FOR_SESSIONS / 8);
  t.is(before.warning, undefined);
  const after = room.follow(listening(false, true), 1000);
  t.is(after.capacity.sessions, Math.floor(KIB_FOR_SESSIONS / 28));
  t.regex(after.warning ?? '', /maxconn 100000: the heap of 2048 MiB has room for 53833 sessions/);
});

test('where the last listener of TLS goes, the sessions that are there count as before until they have ended', (t) => {
  const room = headroom();
  room.follow(listening(true), 0);
  const withSessions = (live: number) =>
    room.follow(listening(false), live).capacity.sessions - KIB_FOR_SESSIONS / 8;
  t.is(withSessions(1000), (-1000 * (28 - 8)) / 8);
  t.is(withSessions(400), (-400 * (28 - 8)) / 8);
  // Those that have come since then are others.
  t.is(withSessions(5000), (-400 * (28 - 8)) / 8);
  t.is(withSessions(0), 0);
});
