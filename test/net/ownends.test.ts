import test from 'ava';
import fc from 'fast-check';
import { OwnEnds } from '../../src/net/ownends.ts';
import { ip } from '../support/ip.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map(ip);
/** Few, so that they meet; the edges of pages among them. */
const PORTS = [0, 1, 255, 256, 40_000, 65_535];

test('OwnEnds has what was added oftener than removed', (t) => {
  const end = fc.record({ ip: fc.constantFrom(...ADDRESSES), port: fc.constantFrom(...PORTS) });
  const step = fc.record({ end, does: fc.constantFrom('add', 'remove') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ends = new OwnEnds();
      const counts = new Map<string, number>();
      for (const { end: each, does } of steps) {
        const key = `${each.ip} ${each.port}`;
        const count = counts.get(key) ?? 0;
        if (does === 'add') ends.add(each);
        else if (count > 0) ends.remove(each);
        counts.set(key, does === 'add' ? count + 1 : Math.max(0, count - 1));
      }
      for (const address of ADDRESSES) {
        for (const port of PORTS) {
          t.is(ends.has(address, port), (counts.get(`${address} ${port}`) ?? 0) > 0);
        }
      }
    }),
  );
});

test('OwnEnds bears the removal of what it does not have', (t) => {
  const ends = new OwnEnds();
  ends.add({ ip: ADDRESSES[0]!, port: 1 });
  ends.remove({ ip: ADDRESSES[1]!, port: 1 });
  ends.remove({ ip: ADDRESSES[1]!, port: 2 });
  t.true(ends.has(ADDRESSES[0]!, 1));
});
