import { mock } from 'node:test';
import test from 'ava';
import fc from 'fast-check';
import { OwnEnds } from '../../src/net/ownends.ts';
import { ip } from '../support/ip.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map(ip);
/** Few, so that they meet; the edges of pages among them. */
const PORTS = [0, 1, 255, 256, 40_000, 65_535];

/** What is closed is known for one moment at least and two at most, and each is over after so many turns of the loop. */
const MOMENT_MS = 1000;
const TURNS = 128;
const END = { ip: ADDRESSES[0]!, port: 40_000 };

async function passTurns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await new Promise(setImmediate);
}

async function passMoment(): Promise<void> {
  mock.timers.tick(MOMENT_MS);
  await passTurns(TURNS + 1);
}

test.before(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.after.always(() => mock.timers.reset());

test.serial('OwnEnds has what was added oftener than removed, and for a moment what was not', async (t) => {
  const end = fc.record({ ip: fc.constantFrom(...ADDRESSES), port: fc.constantFrom(...PORTS) });
  const step = fc.record({ end, does: fc.constantFrom('add', 'remove') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const ends = new OwnEnds();
      const counts = new Map<string, number>();
      for (const { end: each, does } of steps) {
        const key = `${each.ip} ${each.port}`;
        const count = counts.get(key) ?? 0;
        if (does === 'add') ends.add(each);
        else if (count > 0) ends.remove(each);
        counts.set(key, does === 'add' ? count + 1 : Math.max(0, count - 1));
        if (does === 'add' || count > 0) t.true(ends.has(each.ip, each.port));
      }
      await passMoment();
      await passMoment();
      for (const address of ADDRESSES) {
        for (const port of PORTS) {
          t.is(ends.has(address, port), (counts.get(`${address} ${port}`) ?? 0) > 0);
        }
      }
    }),
  );
});

test.serial('a closed end is known for a whole moment, whenever it was closed', async (t) => {
  const ends = new OwnEnds();
  ends.add({ ip: ADDRESSES[1]!, port: 1 });
  ends.remove({ ip: ADDRESSES[1]!, port: 1 });
  mock.timers.tick(MOMENT_MS - 1);
  ends.add(END);
  ends.remove(END);
  mock.timers.tick(1);
  await passTurns(TURNS + 1);
  t.true(ends.has(END.ip, END.port));
  mock.timers.tick(MOMENT_MS - 1);
  await passTurns(TURNS + 1);
  t.true(ends.has(END.ip, END.port));
  mock.timers.tick(1);
  await passTurns(TURNS + 1);
  t.false(ends.has(END.ip, END.port));
});

test.serial(
  'a loop that stood still for a minute accepts its backlog before it forgets an end',
  async (t) => {
    const ends = new OwnEnds();
    ends.add(END);
    ends.remove(END);
    await passMoment();
    mock.timers.tick(60_000);
    await passTurns(TURNS - 2);
    t.true(ends.has(END.ip, END.port));
    await passTurns(3);
    t.false(ends.has(END.ip, END.port));
  },
);

test.serial('an end that is used again is known although it was closed before', async (t) => {
  const ends = new OwnEnds();
  ends.add(END);
  ends.remove(END);
  ends.add(END);
  await passMoment();
  await passMoment();
  t.true(ends.has(END.ip, END.port));
});

test.serial('no more closed ends are kept than two moments may have', (t) => {
  const ends = new OwnEnds();
  for (let port = 0; port < 65_536; port++) {
    ends.add({ ip: ADDRESSES[0]!, port });
    ends.remove({ ip: ADDRESSES[0]!, port });
  }
  const known = (): number =>
    Array.from({ length: 65_536 }, (_, port) => port).filter((port) => ends.has(ADDRESSES[0]!, port)).length;
  t.is(known(), 32_768);
  t.true(ends.has(ADDRESSES[0]!, 65_535));
});

test.serial('OwnEnds bears the removal of what it does not have', async (t) => {
  const ends = new OwnEnds();
  ends.add({ ip: ADDRESSES[0]!, port: 1 });
  ends.remove({ ip: ADDRESSES[1]!, port: 1 });
  ends.remove({ ip: ADDRESSES[1]!, port: 2 });
  await passMoment();
  await passMoment();
  t.true(ends.has(ADDRESSES[0]!, 1));
});
