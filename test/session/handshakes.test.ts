// Who makes room, of those whose request is not whole.
import test from 'ava';
import fc from 'fast-check';
import type { Ip } from '../../src/base/ip.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { Handshakes } from '../../src/session/server/handshakes.ts';
import type { Session } from '../../src/session/session.ts';
import { ip } from '../support/ip.ts';

let lastId = 0;

function sessionFrom(address: string): Session {
  lastId += 1;
  return { id: lastId, client: { ip: ip(address), port: 1 } } as Session;
}

function filled(...addresses: readonly string[]): { handshakes: Handshakes; sessions: readonly Session[] } {
  const handshakes = new Handshakes();
  const sessions = addresses.map(sessionFrom);
  for (const session of sessions) handshakes.add(session);
  return { handshakes, sessions };
}

/** Sends away as many as there are, for one newcomer each; gives the addresses in that order. */
function pressedOut(handshakes: Handshakes, newcomers: readonly string[]): readonly Ip[] {
  return newcomers.flatMap((newcomer) => {
    const session = handshakes.firstToGo(ip(newcomer));
    if (session !== undefined) handshakes.remove(session);
    handshakes.add(sessionFrom(newcomer));
    return session === undefined ? [] : [session.client.ip];
  });
}

test('where everybody has one, the oldest makes room', (t) => {
  const { handshakes } = filled('192.0.2.1', '198.51.100.1', '2001:db8::1');
  const newcomers = ['203.0.113.1', '10.0.0.1', '10.0.1.1'];
  t.deepEqual(pressedOut(handshakes, newcomers), [ip('192.0.2.1'), ip('198.51.100.1'), ip('2001:db8::1')]);
});

test('a flood makes room for itself, whoever came before it', (t) => {
  for (const flood of [
    Array.from({ length: 200 }, (_, at) => `198.51.100.${at % 250}`),
    Array.from({ length: 200 }, (_, at) => `2001:db8:7:${at.toString(16)}00::1`),
    Array.from({ length: 200 }, (_, at) => `2001:db8:7:${(at % 200).toString(16)}::1`),
  ]) {
    const honest = ['192.0.2.1', '2001:db8:1::1'];
    const { handshakes } = filled(...honest, ...flood);
    const gone = pressedOut(handshakes, [...flood, ...flood]);
    t.is(gone.length, 400);
    for (const address of honest) t.false(gone.includes(ip(address)));
  }
});

test('in the network of a flood it is the client with most who makes room', (t) => {
  const flood = Array.from({ length: 50 }, () => '198.51.100.66');
  const { handshakes } = filled('198.51.100.1', ...flood);
  t.deepEqual(new Set(pressedOut(handshakes, flood)), new Set([ip('198.51.100.66')]));
});

test('a newcomer counts: one with a second handshake makes room itself', (t) => {
  const { handshakes } = filled('192.0.2.1', '198.51.100.1');
  t.deepEqual(pressedOut(handshakes, ['198.51.100.1']), [ip('198.51.100.1')]);
});

test('for somebody unknown the largest network makes room', (t) => {
  const { handshakes, sessions } = filled('192.0.2.1', '198.51.100.1', '198.51.100.2');
  t.is(handshakes.firstToGo(undefined), sessions[1]);
  t.is(handshakes.firstToGo(undefined), sessions[1], 'it stays until it is removed');
});

test('who has logged in makes no room, and who has left neither', (t) => {
  const { handshakes, sessions } = filled('192.0.2.1', '192.0.2.1', '192.0.2.1');
  sessions[0]!.identity = { kind: 'user', name: 'ann', group: undefined };
  handshakes.remove(sessions[1]!);
  handshakes.remove(sessions[1]!);
  t.is(handshakes.firstToGo(ip('192.0.2.2')), sessions[2]);
  handshakes.remove(sessions[2]!);
  t.is(handshakes.firstToGo(ip('192.0.2.2')), undefined);
});

test('the oldest of the largest network goes, also where thousands have come meanwhile', (t) => {
  const origin = fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.1', '2001:db8::1', '2001:db8:0:1::1');
  const passing = fc.constantFrom(0, 3, 1200, 6000);
  const rounds = fc.array(fc.record({ origin, passing }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(origin, { minLength: 1, maxLength: 20 }), rounds, (first, each) => {
      const { handshakes, sessions } = filled(...first);
      const here = [...sessions];
      for (const { origin: address, passing: count } of each) {
        // Some that are here at once, and some that come and go: there is pressure no longer.
        passAtOnce(handshakes, Math.min(count, 1100));
        for (let left = count; left > 0; left--) passAtOnce(handshakes, 1);
        const gone = handshakes.firstToGo(ip(address));
        t.true(isRight(gone, here, address));
        here.splice(here.indexOf(gone!), 1);
        handshakes.remove(gone!);
        here.push(sessionFrom(address));
        handshakes.add(here.at(-1)!);
      }
    }),
    { numRuns: 30 },
  );
});

function passAtOnce(handshakes: Handshakes, count: number): void {
  const crowd = Array.from({ length: count }, () => sessionFrom('10.0.0.1'));
  for (const session of crowd) handshakes.add(session);
  for (const session of crowd) handshakes.remove(session);
}

/** Whether it is the oldest of its client, in a client and networks that have most, the newcomer counted. */
function isRight(gone: Session | undefined, here: readonly Session[], newcomer: string): boolean {
  if (gone === undefined) return false;
  const own = ownerOf(ip(newcomer));
  const owner = ownerOf(gone.client.ip);
  let beside = here;
  for (const [level, key] of owner.entries()) {
    const counts = new Map<string, number>();
    for (const session of beside) {
      const part = ownerOf(session.client.ip)[level] ?? '';
      counts.set(part, (counts.get(part) ?? 0) + 1);
    }
    const isOwn = own.slice(0, level + 1).join() === owner.slice(0, level + 1).join();
    if ((counts.get(key) ?? 0) + (isOwn ? 1 : 0) < Math.max(...counts.values())) return false;
    beside = beside.filter((session) => ownerOf(session.client.ip)[level] === key);
  }
  return beside[0] === gone;
}
