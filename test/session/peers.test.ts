import test from 'ava';
import { Lane } from '../../src/session/lane.ts';
import { Peers, type Peer } from '../../src/session/peers.ts';
import { at } from '../support/legs.ts';

/** One that nobody sends on. */
const newLane = (): Lane =>
  new Lane({
    open: () => Promise.reject(new Error('not in these tests')),
    openTimeoutMs: 0,
    closedReason: 'no-socket',
    onDrop: () => undefined,
    onFault: () => undefined,
    now: () => 0,
  });

const LANE = newLane();

/** Bytes without an answer. */
const UNANSWERED = 1000;

const limitsOf = (maxPeers: number) => ({ maxPeers, unansweredBytes: UNANSWERED, replyRatio: 1 });

/** Peers on ports 1 to `count` of one address, each called by its port. */
function filled(maxPeers: number, count: number): Peers {
  const peers = new Peers(limitsOf(maxPeers));
  for (let port = 1; port <= count; port++) peers.call(peers.add(LANE, at(port)), String(port));
  return peers;
}

const known = (peers: Peers, ports: readonly number[]): number[] =>
  ports.filter((port) => {
    const byEndpoint = peers.byEndpoint(LANE, at(port));
    if (byEndpoint !== peers.byKey(String(port))) throw new Error('the two ways lead to different peers');
    return byEndpoint !== undefined;
  });

test('a peer is found by what the client calls it and by its endpoint', (t) => {
  const peers = filled(0, 3);
  t.is(peers.byKey('2')?.place.port, 2);
  t.is(peers.byEndpoint(LANE, at(2)), peers.byKey('2'));
  t.is(peers.byEndpoint(LANE, at(4)), undefined);
  t.is(peers.byEndpoint(LANE, at(2, '127.0.0.2')), undefined);
});

test('the one that has been silent for longest makes room', (t) => {
  const peers = filled(3, 3);
  peers.touch(peers.byKey('1')!);
  peers.touch(peers.byKey('3')!);
  peers.call(peers.add(LANE, at(4)), '4');
  t.deepEqual(known(peers, [1, 2, 3, 4]), [1, 3, 4]);
  peers.call(peers.add(LANE, at(5)), '5');
  t.deepEqual(known(peers, [1, 2, 3, 4, 5]), [3, 4, 5]);
});

test('0 sets no limit', (t) => {
  t.is(known(filled(0, 2000), [1, 1000, 2000]).length, 3);
});

test('ports of one address share its budget, as long as one of them is known', (t) => {
  const peers = filled(2, 2);
  const [first, second] = [peers.byKey('1')!, peers.byKey('2')!];
  t.is(first.host, second.host);
  const third = peers.add(LANE, at(3));
  t.is(third.host, first.host);
  peers.add(LANE, at(1, '127.0.0.2'));
  peers.add(LANE, at(2, '127.0.0.2'));
  const again = peers.add(LANE, at(3));
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
  t.is(exhaust(peers.add(LANE, at(1))), Math.floor(UNANSWERED / 28));
  for (let port = 1; port <= 3; port++) {
    peers.add(LANE, at(port, '127.0.0.2'));
    t.is(exhaust(peers.add(LANE, at(port))), 0);
  }
});

test('an address that has answered owes nothing', (t) => {
  const peers = new Peers(limitsOf(1));
  const peer = peers.add(LANE, at(1));
  const sent = exhaust(peer);
  peer.host.budget.earn(UNANSWERED);
  peers.add(LANE, at(1, '127.0.0.2'));
  t.is(exhaust(peers.add(LANE, at(1))), sent);
});

test('of the names by which a client calls a peer only the last few are kept', (t) => {
  const peers = new Peers(limitsOf(0));
  const peer: Peer = peers.add(LANE, at(1));
  const keys = Array.from({ length: 10 }, (_, count) => `key ${count}`);
  for (const key of keys) peers.call(peer, key);
  t.deepEqual(
    keys.filter((key) => peers.byKey(key) !== undefined),
    keys.slice(-4),
  );
});

test('a place that is reached by two lanes is two peers', (t) => {
  const peers = new Peers(limitsOf(0));
  const other = newLane();
  const [here, there] = [peers.add(LANE, at(1)), peers.add(other, at(1))];
  t.is(peers.answering(LANE, at(1)), here);
  t.is(peers.answering(other, at(1)), there);
  t.not(here.host, there.host);
});

const named = (name: string, port: number) => ({ kind: 'name', name, port }) as const;

test('a name that only a proxy knows may answer from any address, but from its port and by its lane', (t) => {
  const peers = new Peers(limitsOf(0));
  const peer = peers.add(LANE, named('far.test', 53));
  t.is(peers.answering(LANE, at(53, '192.0.2.1')), peer);
  t.is(peers.answering(LANE, named('other.test', 53)), peer);
  t.is(peers.answering(LANE, at(54)), undefined);
  t.is(peers.answering(newLane(), at(53)), undefined);
  const address = peers.add(LANE, at(53));
  t.is(peers.answering(LANE, at(53)), address);
});

test('of several names with one port the one that was heard of last answers, for as long as there is one', (t) => {
  const peers = new Peers(limitsOf(2));
  const [one, two] = [peers.add(LANE, named('one.test', 53)), peers.add(LANE, named('two.test', 53))];
  t.is(one.host, two.host);
  t.is(peers.answering(LANE, at(53)), two);
  peers.touch(one);
  t.is(peers.answering(LANE, at(53)), one);
  const three = peers.add(LANE, at(1));
  t.is(peers.answering(LANE, at(53)), one);
  peers.touch(three);
  peers.add(LANE, at(2));
  t.is(peers.answering(LANE, at(53)), undefined);
});
