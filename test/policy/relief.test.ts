import test from 'ava';
import fc from 'fast-check';
import type { Ip } from '../../src/base/ip.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { allowanceOf, newcomersThatFit, relieve, type Stalled } from '../../src/policy/room/relief.ts';

const MiB = 1_048_576;

function stalled(client: string, heldBytes: number, stalledMs: number): Stalled {
  return { owner: ownerOf(client as Ip), heldBytes, movedBytes: 0, stalledMs };
}

/** Sessions of a few clients in a few networks, some of them stalled only now. */
function sessionsOf(mostHeldBytes: number): fc.Arbitrary<Stalled[]> {
  return fc.array(
    fc
      .record({
        network: fc.integer({ min: 0, max: 3 }),
        host: fc.integer({ min: 1, max: 4 }),
        heldBytes: fc.integer({ min: 0, max: mostHeldBytes }),
        stalledMs: fc.integer({ min: 0, max: 10_000 }),
      })
      .map(({ network, host, heldBytes, stalledMs }) =>
        stalled(`192.0.${network}.${host}`, heldBytes, stalledMs),
      ),
    { maxLength: 60 },
  );
}

const SESSIONS = sessionsOf(4 * MiB);

function heldBy(sessions: readonly Stalled[], level: number): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { owner, heldBytes } of sessions)
    held.set(owner[level]!, (held.get(owner[level]!) ?? 0) + heldBytes);
  return held;
}

test('relieve() leaves no more than is allowed, but for what stalled just now', (t) => {
  const property = fc.property(
    SESSIONS,
    fc.integer({ min: 16 * MiB, max: 100 * MiB }),
    (sessions, allowed) => {
      const { givingWay } = relieve(sessions, allowed);
      const left = sessions.filter((session) => !givingWay.includes(session) && session.stalledMs >= 30);
      return left.reduce((sum, { heldBytes }) => sum + heldBytes, 0) <= allowed;
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('relieve() counts large sessions whole: no more than is allowed is left, or one session', (t) => {
  const property = fc.property(
    sessionsOf(40 * MiB),
    fc.integer({ min: 16 * MiB, max: 100 * MiB }),
    (sessions, allowed) => {
      const ripe = sessions.map((session) => ({ ...session, stalledMs: session.stalledMs + 100 }));
      const { givingWay } = relieve(ripe, allowed);
      const left = ripe.filter((session) => !givingWay.includes(session));
      return left.length === 1 || left.reduce((sum, { heldBytes }) => sum + heldBytes, 0) <= allowed;
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('relieve() spares a large session of one network and ends those of a crowd, and of a lone giant it ends that alone', (t) => {
  const patient = stalled('203.0.113.5', 20 * MiB, 900_000);
  const crowd = Array.from({ length: 8 }, (_, at) => stalled(`192.0.2.${at}`, 3 * MiB, 1000 + at));
  const { givingWay } = relieve([patient, ...crowd], 32 * MiB);
  t.false(givingWay.includes(patient));
  t.is(givingWay.length, 4);
  const giant = stalled('198.51.100.1', 36 * MiB, 1000);
  const small = Array.from({ length: 16 }, (_, at) => stalled(`192.0.${at}.7`, MiB, 5000));
  t.deepEqual(relieve([giant, ...small], 32 * MiB).givingWay, [giant]);
});

test('relieve() ends nobody while all hold no more than is allowed, and nobody who stalled just now', (t) => {
  const property = fc.property(
    SESSIONS,
    fc.integer({ min: 16 * MiB, max: 300 * MiB }),
    (sessions, allowed) => {
      const { givingWay } = relieve(sessions, allowed);
      const sum = sessions.reduce((bytes, { heldBytes }) => bytes + heldBytes, 0);
      return (
        givingWay.every(({ stalledMs }) => stalledMs >= 30) &&
        (sum + sessions.length > allowed || givingWay.length === 0)
      );
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('relieve() takes from a network only what makes it hold as much as those that lose nothing, within one session', (t) => {
  const property = fc.property(
    SESSIONS,
    fc.integer({ min: 16 * MiB, max: 60 * MiB }),
    (sessions, allowed) => {
      const ripe = sessions.map((session) => ({ ...session, stalledMs: session.stalledMs + 100 }));
      const { givingWay } = relieve(ripe, allowed);
      const before = heldBy(ripe, 0);
      const after = heldBy(
        ripe.filter((session) => !givingWay.includes(session)),
        0,
      );
      const losers = new Set(givingWay.map(({ owner }) => owner[0]!));
      const spared = [...before].filter(([network]) => !losers.has(network)).map(([, bytes]) => bytes);
      const least = [...losers].map((network) => after.get(network) ?? 0);
      return Math.max(0, ...spared) <= Math.min(...least) + 8 * MiB;
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('relieve() ends the longest stalled of the largest client, and spares whoever has but one', (t) => {
  const patient = stalled('203.0.113.5', 2 * MiB, 900_000);
  const hog = Array.from({ length: 30 }, (_, at) => stalled('192.0.2.7', MiB, 1000 + at));
  const { givingWay, isHeavy } = relieve([patient, ...hog], 16 * MiB);
  t.deepEqual(
    givingWay.map(({ stalledMs }) => stalledMs),
    hog
      .slice(-16)
      .map(({ stalledMs }) => stalledMs)
      .reverse(),
  );
  t.true(isHeavy(ownerOf('192.0.2.7' as Ip)));
  t.false(isHeavy(ownerOf('203.0.113.5' as Ip)));
  t.false(isHeavy(ownerOf('192.0.2.8' as Ip)));
});

test('relieve() leaves a second to sessions that have relayed four times what they hold, and not to others', (t) => {
  const crowd = (movedBytes: number, stalledMs: number): Stalled[] =>
    Array.from({ length: 16 }, () => ({ ...stalled('192.0.2.7', 4 * MiB, stalledMs), movedBytes }));
  t.is(relieve(crowd(16 * MiB, 999), 32 * MiB).givingWay.length, 0);
  t.is(relieve(crowd(16 * MiB, 1000), 32 * MiB).givingWay.length, 8);
  t.is(relieve(crowd(16 * MiB - 1, 30), 32 * MiB).givingWay.length, 8);
});

test('relieve() does not end a session for being alone larger than what is allowed', (t) => {
  t.deepEqual(relieve([stalled('192.0.2.7', 100 * MiB, 60_000)], 16 * MiB).givingWay, []);
});

test('allowanceOf() shrinks while the host is short of TCP memory, and further for requests that wait', (t) => {
  const host = (usedMiB: number) => ({ usedBytes: usedMiB * MiB, pressureBytes: 1200 * MiB });
  t.is(allowanceOf(80 * MiB, 256 * MiB, undefined, 0), 256 * MiB);
  t.is(allowanceOf(80 * MiB, 256 * MiB, host(200), 0), 256 * MiB);
  t.is(allowanceOf(80 * MiB, 256 * MiB, host(200), 1), 60 * MiB);
  t.is(allowanceOf(80 * MiB, 256 * MiB, host(300), 0), 40 * MiB);
  t.is(allowanceOf(80 * MiB, 256 * MiB, host(1200), 0), 16 * MiB);
  t.is(allowanceOf(8000 * MiB, 256 * MiB, host(300), 0), 256 * MiB);
});

test('newcomersThatFit() counts what sessions take now', (t) => {
  const host = { usedBytes: 100 * MiB, pressureBytes: 1200 * MiB };
  t.is(newcomersThatFit(host, 50), 50);
  t.is(newcomersThatFit({ ...host, usedBytes: 300 * MiB }, 50), 0);
  t.is(newcomersThatFit({ ...host, usedBytes: 0 }, 0), 3200);
  t.is(newcomersThatFit(undefined, 50), Infinity);
});
