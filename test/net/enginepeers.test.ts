import fc from 'fast-check';
import test from 'ava';
import { ipFromBytes, type Endpoint } from '../../src/base/ip.ts';
import { RecentPeers } from '../../src/net/engine/enginepeers.ts';

/** Family, port and address, as a record of the engine has them. */
function endpointOf(words: Int32Array): Endpoint {
  const address = new Uint8Array(words.buffer, words.byteOffset + 8, words[0] === 4 ? 4 : 16);
  return { ip: ipFromBytes(address), port: words[1] ?? 0 };
}

const peerWords = fc
  .tuple(fc.constantFrom(4, 6), fc.nat(65_535), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }))
  .map(([family, port, groups]) =>
    Int32Array.from([family, port, ...groups.map((group, at) => (family === 4 && at > 0 ? 0 : group << 28))]),
  );

test('whoever is asked for is found, whatever was asked before', (t) => {
  const peers = new RecentPeers();
  fc.assert(
    fc.property(fc.array(peerWords, { maxLength: 50 }), (asked) => {
      for (const words of asked) {
        const found = peers.find(words, 0, () => endpointOf(words));
        t.deepEqual(found, endpointOf(words));
      }
    }),
  );
});

test('a peer that comes again is the same object', (t) => {
  const peers = new RecentPeers();
  const words = Int32Array.of(0, 4, 53, 0x0101_0101, 0, 0, 0);
  const make = () => endpointOf(words.subarray(1));
  const first = peers.find(words, 1, make);
  const again = peers.find(words, 1, () => {
    throw new Error('made twice');
  });
  t.is(again, first);
  words[2] = 54;
  t.not(peers.find(words, 1, make), first);
});
