import test from 'ava';
import fc from 'fast-check';
import { OwnEnds, type OwnEnd } from '../../src/net/ownends.ts';
import { ip } from '../support/ip.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map(ip);
/** Few, so that they meet; the edges of pages among them. */
const PORTS = [0, 1, 255, 256, 40_000, 65_535];

const LISTENER = { ip: ip('192.0.2.1'), port: 1080 };
const ELSEWHERE = { ip: ip('203.0.113.1'), port: 1080 };

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
