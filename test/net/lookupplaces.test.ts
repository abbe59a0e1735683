import test from 'ava';
import { BUSY, LookupPlaces } from '../../src/net/dns/lookupplaces.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { ip } from '../support/ip.ts';

const CASES = [
  { what: 'an IPv4 address', first: '192.0.2.1', same: '192.0.2.1', other: '192.0.2.2' },
  { what: 'an IPv6 /64', first: '2001:db8::1', same: '2001:db8::ffff:1', other: '2001:db8:0:1::1' },
] as const;

function ownerAt(text: string) {
  return ownerOf(ip(text));
}

/** Never answered. */
const SILENCE = new Promise<string>(() => undefined);

for (const { what, first, same, other } of CASES) {
  test(`the places of ${what} are limited, and come back with the last answer`, async (t) => {
    const places = new LookupPlaces(10, 2);
    const answers = ['one', 'two'].map((text) => Promise.resolve(text));
    const lookup = places.take(ownerAt(first))!;
    const found = Promise.all(answers.map((answer) => lookup.wait(answer)));
    void places.take(ownerAt(first))?.wait(SILENCE);
    t.is(places.take(ownerAt(same)), undefined);
    t.truthy(places.take(ownerAt(other)));
    t.deepEqual(await found, ['one', 'two']);
    t.truthy(places.take(ownerAt(same)));
    t.is(places.take(ownerAt(first)), undefined);
  });
}

test('where all places are taken the newest of whoever has most gives way, at once', async (t) => {
  const places = new LookupPlaces(4, 4);
  const waits = ['192.0.2.1', '192.0.2.1', '192.0.2.2', '198.51.100.1'].map((client) =>
    places.take(ownerAt(client))!.wait(SILENCE),
  );
  t.truthy(places.take(ownerAt('203.0.113.1')));
  t.is(await waits[1], BUSY);
  t.is(await Promise.race([...waits.toSpliced(1, 1), Promise.resolve('they wait')]), 'they wait');
});

test('a look-up that has given way gives its place back no second time', async (t) => {
  const places = new LookupPlaces(2, 2);
  let answer: (text: string) => void = () => undefined;
  void places.take(ownerAt('192.0.2.1'))!.wait(SILENCE);
  const late = places.take(ownerAt('192.0.2.1'))!.wait(new Promise<string>((resolve) => (answer = resolve)));
  void places.take(ownerAt('198.51.100.1'))!.wait(SILENCE);
  t.is(await late, BUSY);
  answer('late');
  await late;
  t.is(places.take(ownerAt('198.51.100.1')), undefined, 'both places are taken');
});
