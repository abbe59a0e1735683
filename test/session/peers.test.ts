import test from 'ava';
import { Peers, type Peer } from '../../src/session/peers.ts';
import { at } from '../support/legs.ts';

/** Bytes without an answer. */
const UNANSWERED = 1000;

const limitsOf = (maxPeers: number) => ({ maxPeers, unansweredBytes: UNANSWERED, replyRatio: 1 });

/** Peers on ports 1 to `count` of one address, each called by its port. */
function filled(maxPeers: number, count: number): Peers {
  const peers = new Peers(limitsOf(maxPeers));
  for (let port = 1; port <= count; port++) peers.call(peers.add(at(port)), String(port));
  return peers;
}

const known = (peers: Peers, ports: readonly number[]): number[] =>
  ports.filter((port) => {
    const byEndpoint = peers.byEndpoint(at(port));
    if (byEndpoint !== peers.byKey(String(port))) throw new Error('the two ways lead to different peers');
    return byEndpoint !== undefined;
  });

test('a peer is found by what the client calls it and by its endpoint', (t) => {
  const peers = filled(0, 3);
  t.is(peers.byKey('2')?.endpoint.port, 2);
  t.is(peers.byEndpoint(at(2)), peers.byKey('2'));
  t.is(peers.byEndpoint(at(4)), undefined);
  t.is(peers.byEndpoint(at(2, '127.0.0.2')), undefined);
});

test('the one that has been silent for longest makes room', (t) => {
  const peers = filled(3, 3);
  peers.touch(peers.byKey('1')!);
  peers.touch(peers.byKey('3')!);
  peers.call(peers.add(at(4)), '4');
  t.deepEqual(known(peers, [1, 2, 3, 4]), [1, 3, 4]);
  peers.call(peers.add(at(5)), '5');
  t.deepEqual(known(peers, [1, 2, 3, 4, 5]), [3, 4, 5]);
});

test('0 sets no limit', (t) => {
  t.is(known(filled(0, 2000), [1, 1000, 2000]).length, 3);
});

test('ports of one address share its budget, as long as one of them is known', (t) => {
  const peers = filled(2, 2);
  const [first, second] = [peers.byKey('1')!, peers.byKey('2')!];
  t.is(first.host, second.host);
  const third = peers.add(at(3));
  t.is(third.host, first.host);
  peers.add(at(1, '127.0.0.2'));
  peers.add(at(2, '127.0.0.2'));
  const again = peers.add(at(3));
  t.not(again.host, first.host);
});

/** Sends as much as it may; gives the number of empty datagrams. */
function exhaust({ host: { budget } }: Peer): number {
  let sent = 0;
  while (budget.spend(limitsOf(1), 0)) sent += 1;
  return sent;
}

test('an address that never answered owes what it got when it comes back, whoever was in between', (t) => {
  const peers = new Peers(limitsOf(1));
  t.is(exhaust(peers.add(at(1))), Math.floor(UNANSWERED / 28));
  for (let port = 1; port <= 3; port++) {
    peers.add(at(port, '127.0.0.2'));
    t.is(exhaust(peers.add(at(port))), 0);
  }
});

test('an address that has answered owes nothing', (t) => {
  const peers = new Peers(limitsOf(1));
  const peer = peers.add(at(1));
  const sent = exhaust(peer);
  peer.host.budget.earn(UNANSWERED);
  peers.add(at(1, '127.0.0.2'));
  t.is(exhaust(peers.add(at(1))), sent);
});

test('of the names by which a client calls a peer only the last few are kept', (t) => {
  const peers = new Peers(limitsOf(0));
  const peer: Peer = peers.add(at(1));
  const keys = Array.from({ length: 10 }, (_, count) => `key ${count}`);
  for (const key of keys) peers.call(peer, key);
  t.deepEqual(
    keys.filter((key) => peers.byKey(key) !== undefined),
    keys.slice(-4),
  );
});
