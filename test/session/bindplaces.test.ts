import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { BindPlaces } from '../../src/session/bindplaces.ts';
import { ip } from '../support/ip.ts';

/** Waits with BIND until it has to give up, or until `come` is called: `met`, or why it did not. */
function waiting(places: BindPlaces, client: string) {
  let come: () => void = () => undefined;
  let giveUp: (fault: Fault) => void = () => undefined;
  const wait = new Promise<string>((resolve, reject) => {
    come = () => resolve('met');
    giveUp = reject;
  });
  const end = places
    .during(ip(client), giveUp, () => wait)
    .catch((failure: unknown) => (failure instanceof Fault ? failure.code : String(failure)));
  return { end, come };
}

test('a client has 32 places, and they come back', async (t) => {
  const places = new BindPlaces();
  const waits = Array.from({ length: 32 }, () => waiting(places, '192.0.2.1'));
  t.is(await waiting(places, '192.0.2.1').end, 'PORT_UNAVAILABLE');
  waits[5]!.come();
  t.is(await waits[5]!.end, 'met');
  const again = waiting(places, '192.0.2.1');
  again.come();
  t.is(await again.end, 'met');
});

test('of 256 that wait the newest of the largest network gives way to a newcomer, once', async (t) => {
  const places = new BindPlaces();
  const crowd = Array.from({ length: 256 }, (_, each) => waiting(places, `192.0.2.${each >> 4}`));
  const newcomers = ['198.51.100.1', '203.0.113.1'].map((client) => waiting(places, client));
  const gone = await Promise.race(crowd.map(async ({ end }, each) => ({ each, code: await end })));
  t.is(gone.code, 'PORT_UNAVAILABLE');
  t.is(gone.each % 16, 15, 'the newest of its client');
  for (const { come } of [...crowd, ...newcomers]) come();
  const ends = await Promise.all([...crowd, ...newcomers].map(({ end }) => end));
  t.is(ends.filter((end) => end === 'met').length, 256);
  t.deepEqual(ends.slice(256), ['met', 'met']);
});
