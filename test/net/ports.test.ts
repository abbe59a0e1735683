import test from 'ava';
import fc from 'fast-check';
import { Fault } from '../../src/base/fault.ts';
import { openInRange } from '../../src/net/ports.ts';

const WIDE = { low: 1024, high: 65_535 };

const systemError = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

/** Opens what is not taken, and remembers what it was asked for. */
function host(isTaken: (port: number) => boolean = () => false, code = 'EADDRINUSE') {
  const asked: number[] = [];
  const open = (port: number) => {
    asked.push(port);
    return isTaken(port) ? Promise.reject(systemError(code)) : Promise.resolve(port);
  };
  return { asked, open };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'opened',
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error.code : String(error);
}

test('openInRange() opens the wanted port where it lies in the range', async (t) => {
  t.is(await openInRange(WIDE, 5000, host().open), 5000);
  t.is(await openInRange({ low: 600, high: 700 }, 700, host().open), 700);
});

test('openInRange() leaves the choice to the system in the range of all unprivileged ports', async (t) => {
  t.is(await openInRange(WIDE, 0, host().open), 0);
  t.is(await openInRange(WIDE, 21, host().open), 0);
  const { asked, open } = host((port) => port === 5000);
  t.is(await openInRange(WIDE, 5000, open), 0);
  t.deepEqual(asked, [5000, 0]);
});

test('openInRange() keeps clients from ports below the range, as srelay does below 600', async (t) => {
  const range = { low: 600, high: 65_535 };
  t.is(await openInRange(range, 600, host().open), 600);
  t.is(await openInRange(range, 599, host().open), 0);
});

test('openInRange() opens a port of the range, whatever was wanted', async (t) => {
  const ranges = fc
    .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 300 }))
    .map(([low, more]) => ({ low, high: Math.min(low + more, 65_535) }))
    .filter(({ low, high }) => low > 1024 || high < 65_535);
  await fc.assert(
    fc.asyncProperty(ranges, fc.integer({ min: 0, max: 65_535 }), async (range, wanted) => {
      const port = await openInRange(range, wanted, host().open);
      t.true(port >= range.low && port <= range.high);
    }),
  );
  t.pass();
});

test('openInRange() finds the one port that is free in a small range', async (t) => {
  for (let free = 2000; free < 2064; free++) {
    t.is(await openInRange({ low: 2000, high: 2063 }, 2001, host((port) => port !== free).open), free);
  }
});

test('openInRange() gives up after a bounded number of tries, none of them twice', async (t) => {
  const { asked, open } = host(() => true);
  t.is(await codeOf(openInRange({ low: 2000, high: 9000 }, 0, open)), 'PORT_UNAVAILABLE');
  t.is(asked.length, 64);
  t.is(new Set(asked).size, 64);
});

test('openInRange() tries another port where one is privileged', async (t) => {
  const { open } = host((port) => port < 1024, 'EACCES');
  t.is(await openInRange({ low: 1020, high: 1024 }, 1020, open), 1024);
});

for (const [code, fault] of [
  ['EMFILE', 'RESOURCES_EXHAUSTED'],
  ['EADDRNOTAVAIL', 'PORT_UNAVAILABLE'],
  ['EAFNOSUPPORT', 'FAMILY_UNSUPPORTED'],
] as const) {
  test(`openInRange() does not try again after ${code}, which is ${fault}`, async (t) => {
    const { asked, open } = host(() => true, code);
    t.is(await codeOf(openInRange({ low: 2000, high: 9000 }, 0, open)), fault);
    t.is(asked.length, 1);
  });
}
