import { mock } from 'node:test';
import test from 'ava';
import fc from 'fast-check';
import { OwnEnds, type OwnEnd } from '../../src/net/ownends.ts';
import type { Endpoint } from '../../src/base/ip.ts';
import { ip } from '../support/ip.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map(ip);
/** Few, so that they meet; the edges of pages among them. */
const PORTS = [0, 1, 255, 256, 40_000, 65_535];

const LISTENER = { ip: ip('192.0.2.1'), port: 1080 };
const ELSEWHERE = { ip: ip('203.0.113.1'), port: 1080 };

/** What is closed is known for one moment at least and two at most, and each is over after so many turns of the loop. */
const MOMENT_MS = 1000;
const TURNS = 128;
const END = { ip: ip('192.0.2.1'), port: 40_000 };

async function passTurns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await new Promise(setImmediate);
}

async function passMoment(): Promise<void> {
  mock.timers.tick(MOMENT_MS);
  await passTurns(TURNS + 1);
}

function closed(ends: OwnEnds, to: Endpoint | undefined, port = END.port): void {
  const end = { ...END, port, to };
  ends.add(end);
  ends.remove(end);
}

test.before(() => mock.timers.enable({ apis: ['setTimeout'] } as never));
test.after.always(() => mock.timers.reset());

test('OwnEnds has what was added oftener than removed', (t) => {
  const end = fc.record({
    ip: fc.constantFrom(...ADDRESSES),
    port: fc.constantFrom(...PORTS),
    to: fc.constantFrom(LISTENER, ELSEWHERE, undefined),
  });
  fc.assert(
    fc.property(fc.array(fc.record({ end, remove: fc.nat(9) }), { maxLength: 60 }), (steps) => {
      const ends = new OwnEnds();
      const added: OwnEnd[] = [];
      for (const { end: each, remove } of steps) {
        ends.add(each);
        added.push(each);
        const [gone] = remove < added.length ? added.splice(remove, 1) : [];
        if (gone !== undefined) ends.remove(gone);
      }
      for (const address of ADDRESSES) {
        for (const port of PORTS) {
          const isHere = added.some(
            (each) => each.ip === address && each.port === port && each.to !== ELSEWHERE,
          );
          t.is(ends.has({ ip: address, port }, LISTENER), isHere);
        }
      }
    }),
  );
});

test('a port that the system gave to a program of this host, too, makes it nobody else', (t) => {
  const ends = new OwnEnds();
  const peer = { ip: ip('127.0.0.1'), port: 40_000 };
  ends.add({ ...peer, to: { ip: ip('127.0.0.1'), port: 80 } });
  t.false(ends.has(peer, { ip: ip('127.0.0.1'), port: 1080 }));
  ends.add({ ...peer, to: { ip: ip('0.0.0.0'), port: 1080 } });
  t.true(ends.has(peer, { ip: ip('127.0.0.1'), port: 1080 }));
});

test.serial(
  'an end that leads to a listener of ours is known for a moment after it was closed',
  async (t) => {
    const ends = new OwnEnds();
    ends.listen(LISTENER.port);
    mock.timers.tick(MOMENT_MS - 1);
    closed(ends, LISTENER);
    t.true(ends.has(END, LISTENER));
    t.false(ends.has(END, { ...LISTENER, ip: ip('192.0.2.2') }), 'it leads to one address');
    mock.timers.tick(MOMENT_MS - 1);
    await passTurns(TURNS + 1);
    t.true(ends.has(END, LISTENER));
    await passMoment();
    await passMoment();
    t.false(ends.has(END, LISTENER));
  },
);

test.serial(
  'a loop that stood still for a minute accepts its backlog before it forgets an end',
  async (t) => {
    const ends = new OwnEnds();
    ends.listen(LISTENER.port);
    closed(ends, LISTENER);
    await passMoment();
    mock.timers.tick(60_000);
    await passTurns(TURNS - 2);
    t.true(ends.has(END, LISTENER));
    await passTurns(3);
    t.false(ends.has(END, LISTENER));
  },
);

test.serial(
  'nothing is kept of an end that leads elsewhere, anywhere, or from which somebody has come',
  (t) => {
    const ends = new OwnEnds();
    const forget = ends.listen(LISTENER.port);
    ends.listen(LISTENER.port)();
    closed(ends, { ...LISTENER, port: 443 });
    closed(ends, undefined);
    t.false(ends.has(END, { ...LISTENER, port: 443 }));
    t.false(ends.has(END, LISTENER));

    const met: OwnEnd = { ...END, to: LISTENER };
    ends.add(met);
    t.true(ends.recognise(END, LISTENER));
    t.true(ends.has(END, LISTENER));
    ends.remove(met);
    t.false(ends.has(END, LISTENER));

    closed(ends, LISTENER);
    t.true(ends.recognise(END, LISTENER));
    t.false(ends.recognise(END, LISTENER), 'whoever has that port next is somebody else');

    forget();
    forget();
    closed(ends, LISTENER);
    t.false(ends.has(END, LISTENER), 'nobody listens there');
  },
);

test.serial('an end that is used again is known although it was closed before', async (t) => {
  const ends = new OwnEnds();
  ends.listen(LISTENER.port);
  closed(ends, LISTENER);
  ends.add({ ...END, to: LISTENER });
  await passMoment();
  await passMoment();
  t.true(ends.has(END, LISTENER));
});

test.serial('no more closed ends are kept than two moments may have', (t) => {
  const ends = new OwnEnds();
  ends.listen(LISTENER.port);
  for (let port = 0; port < 65_536; port++) closed(ends, LISTENER, port);
  const known = Array.from({ length: 65_536 }, (_, port) => port).filter((port) =>
    ends.has({ ...END, port }, LISTENER),
  );
  t.is(known.length, 16_384);
  t.is(known.at(-1), 65_535);
});
