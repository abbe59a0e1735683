import test from 'ava';
import { byteString } from '../../src/base/bytes.ts';
import type { Endpoint } from '../../src/base/ip.ts';
import { replyClientOf } from '../../src/policy/udp/replykey.ts';
import { encodeDatagramHeader } from '../../src/protocol/datagram.ts';
import { DatagramRoom } from '../../src/session/datagrams/datagramqueue.ts';
import { Lane } from '../../src/session/datagrams/lane.ts';
import { PeerTable, type Peer } from '../../src/session/datagrams/peertable.ts';
import { Peers } from '../../src/session/udp/peers.ts';
import { ip } from '../support/ip.ts';
import { at } from '../support/legs.ts';

let lanes = 0;

/** One that nobody sends on. */
const newLane = (route = ''): Lane =>
  new Lane({
    number: lanes++,
    route,
    open: () => Promise.reject(new Error('not in these tests')),
    openTimeoutMs: 0,
    share: { room: new DatagramRoom(), owner: ['test'] },
    closedReason: 'no-socket',
    onDrop: () => undefined,
    onFault: () => undefined,
    now: () => 0,
  });

const LANE = newLane();
const ROUTED = newLane('* any proxy.test');

const CLIENT = '192.0.2.1';

const peersOf = (maxPeers: number, table = new PeerTable(0), client = CLIENT): Peers =>
  new Peers(table, replyClientOf(ip(client)), maxPeers);

/** Peers on ports 1 to `count` of one address. */
function filled(maxPeers: number, count: number, table?: PeerTable, client?: string): Peers {
  const peers = peersOf(maxPeers, table, client);
  for (let port = 1; port <= count; port++) peers.add(LANE, at(port));
  return peers;
}

const called = (peers: Peers, place: Parameters<typeof encodeDatagramHeader>[0]): Peer | undefined => {
  const header = encodeDatagramHeader(place);
  return peers.byHeader(Buffer.concat([header, Buffer.from('payload')]), header.length);
};

const known = (peers: Peers, ports: readonly number[]): number[] =>
  ports.filter((port) => {
    const answering = peers.answering(LANE, at(port));
    if (answering?.at !== called(peers, at(port))?.at) throw new Error('two ways lead to different peers');
    return answering !== undefined;
  });

const named = (name: string, port: number) => ({ kind: 'name', name, port }) as const;
const nameOf = (name: string, port: number): string => byteString(encodeDatagramHeader(named(name, port)));

/** As if `name` had been looked up. */
const addNamed = (peers: Peers, name: string, place: Endpoint): Peer =>
  peers.add(LANE, place, nameOf(name, place.port))!;

test('a peer is found by what the client calls it and by its endpoint', (t) => {
  const peers = filled(0, 3);
  t.deepEqual(called(peers, at(2))?.place, at(2));
  t.deepEqual(called(peers, at(2))?.header, encodeDatagramHeader(at(2)));
  t.is(peers.answering(LANE, at(2)), called(peers, at(2)));
  t.is(called(peers, at(4)), undefined);
  t.is(peers.answering(LANE, at(2, '127.0.0.2')), undefined);
  t.deepEqual(peers.add(LANE, at(2, '2001:db8::1'))?.place, at(2, '2001:db8::1'));
  t.deepEqual(called(peers, at(2, '2001:db8::1'))?.place, at(2, '2001:db8::1'));
});

test('an IPv4-mapped header means the IPv4 peer', (t) => {
  const peers = filled(0, 1);
  const mapped = Buffer.from('0000000400000000000000000000ffff7f0000010001', 'hex');
  t.deepEqual(peers.byHeader(mapped, mapped.length)?.place, at(1));
});

test('a fragment or reserved bytes are no header of a peer', (t) => {
  const peers = filled(0, 1);
  for (const byte of [0, 1, 2]) {
    const header = Buffer.from(encodeDatagramHeader(at(1)));
    header[byte] = 1;
    t.is(peers.byHeader(header, header.length), undefined);
  }
});

test('what one association knows is unknown in another', (t) => {
  const table = new PeerTable(0);
  const [one, other] = [filled(0, 3, table), filled(0, 1, table)];
  t.deepEqual([known(one, [1, 2, 3]).length, known(other, [1, 2, 3]).length], [3, 1]);
});

test('the one that has been silent for longest makes room', (t) => {
  const peers = filled(3, 3);
  peers.touch(called(peers, at(1))!);
  peers.touch(called(peers, at(3))!);
  peers.add(LANE, at(4));
  t.deepEqual(known(peers, [1, 2, 3, 4]), [1, 3, 4]);
  peers.add(LANE, at(5));
  t.deepEqual(known(peers, [1, 2, 3, 4, 5]), [3, 4, 5]);
});

test('one that is in use stays, whatever is added beside it and never used', (t) => {
  const peers = filled(3, 1);
  const busy = called(peers, at(1))!;
  for (let port = 2; port < 20; port++) {
    peers.touch(busy);
    peers.add(LANE, at(port));
  }
  t.is(called(peers, at(1)), busy);
});

test('a name whose address is in use is not that address', (t) => {
  const peers = peersOf(0);
  peers.touch(addNamed(peers, 'near.test', at(53)));
  t.is(called(peers, at(53)), undefined);
});

test('0 sets no limit', (t) => {
  const ports = Array.from({ length: 5000 }, (_, port) => port + 1);
  t.deepEqual(known(filled(0, 5000), ports), ports);
});

test('when all together have too many, the longest silent one of the client with most gives way', (t) => {
  const table = new PeerTable(100);
  const honest = filled(0, 10, table, '192.0.2.7');
  const hogs = Array.from({ length: 5 }, () => filled(0, 30, table, '203.0.113.1'));
  t.is(known(honest, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).length, 10);
  t.is(table.held, 100);
  const left = hogs.map(
    (hog) =>
      known(
        hog,
        Array.from({ length: 30 }, (_, port) => port + 1),
      ).length,
  );
  t.deepEqual(left, [0, 0, 30, 30, 30]);
  const late = filled(0, 10, table, '192.0.2.8');
  t.is(known(late, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).length, 10);
});

test('an association that is over leaves nothing behind', (t) => {
  const table = new PeerTable(0);
  const [over, stays] = [filled(0, 20, table), filled(0, 5, table)];
  addNamed(over, 'near.test', at(5));
  over.close();
  t.is(table.held, 5);
  t.is(called(over, at(5)), undefined);
  t.is(known(stays, [1, 2, 3, 4, 5, 6]).length, 5);
});

test('a place that is used again is no peer of the one who had it', (t) => {
  const table = new PeerTable(1);
  const [first, second] = [peersOf(0, table), peersOf(0, table)];
  const before = first.add(LANE, at(1))!;
  first.touch(before);
  const after = second.add(LANE, at(2))!;
  t.is(after.at, before.at);
  t.is(first.answering(LANE, at(1)), undefined);
  t.is(called(first, at(1)), undefined);
  t.deepEqual(called(second, at(2))?.place, at(2));
});

test('a name is a peer of its own beside its address, and each way of writing it is one', (t) => {
  const peers = peersOf(0);
  const near = addNamed(peers, 'near.test', at(53));
  t.is(called(peers, named('near.test', 53)), near);
  t.is(called(peers, named('NEAR.test', 53)), undefined);
  t.is(called(peers, at(53)), undefined);
  t.is(peers.answering(LANE, at(53)), near);
  t.deepEqual(near.header, encodeDatagramHeader(at(53)));
  const plain = peers.add(LANE, at(53));
  t.is(peers.answering(LANE, at(53)), plain);
  t.is(called(peers, named('near.test', 53)), near);
});

test('names take more of the room than addresses', (t) => {
  const table = new PeerTable(0);
  const peers = peersOf(0, table);
  addNamed(peers, 'near.test', at(53));
  t.is(table.held, 2);
  addNamed(peers, `${'x'.repeat(60)}.${'x'.repeat(60)}.test`, at(53));
  t.is(table.held, 5);
  peers.close();
  t.is(table.held, 0);
});

test('a place that is reached by two lanes answers by each', (t) => {
  const peers = peersOf(0);
  const here = peers.add(LANE, at(1))!;
  t.is(peers.answering(LANE, at(1)), here);
  t.is(peers.answering(ROUTED, at(1)), undefined);
  const there = peers.add(ROUTED, at(1), nameOf('near.test', 1))!;
  t.is(peers.answering(ROUTED, at(1)), there);
  t.is(peers.answering(LANE, at(1)), here);
  t.deepEqual(here.pair.key, there.pair.key);
});

test('a name that only a proxy knows may answer from any address, but from its port and by its lane', (t) => {
  const peers = peersOf(0);
  const peer = peers.add(ROUTED, named('far.test', 53), nameOf('far.test', 53))!;
  t.deepEqual(peer.place, named('far.test', 53));
  t.deepEqual(peer.header, encodeDatagramHeader(named('far.test', 53)));
  t.is(peers.answering(ROUTED, at(53, '192.0.2.1')), peer);
  t.is(peers.answering(ROUTED, named('other.test', 53)), peer);
  t.is(peers.answering(ROUTED, at(54)), undefined);
  t.is(peers.answering(LANE, at(53)), undefined);
  const address = peers.add(ROUTED, at(53));
  t.is(peers.answering(ROUTED, at(53)), address);
  const other = peers.add(ROUTED, named('other.test', 99), nameOf('other.test', 99))!;
  t.deepEqual(other.pair.key, peer.pair.key);
});
