// The peers of one association: targets of its datagrams, the only ones whose answers it passes on (V5-41), and only on the same
// lane. A peer stays admitted as long as it is here. Found by the client's header, which spares decoding and rules, and by where
// an answer comes from.
import { byteString } from '../../base/bytes.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { PlaceNumber } from '../../policy/room/fairroom.ts';
import { NONE } from '../../policy/room/holder.ts';
import { replyKeyOf, replyKeyOfNames, type ReplyClient } from '../../policy/udp/replykey.ts';
import type { Destination } from '../../protocol/address.ts';
import { addressInHeader, decodeDatagram, encodeDatagramHeader } from '../../protocol/datagram.ts';
import type { Lane } from '../datagrams/lane.ts';
import type { Peer, PeerHolder, PeerTable } from '../datagrams/peertable.ts';

export class Peers implements PeerHolder {
  readonly owner: PeerHolder['owner'];
  readonly list = { oldest: NONE, newest: NONE, size: 0 };
  readonly #table: PeerTable;
  readonly #client: ReplyClient;
  readonly #maxPeers: number;
  /** 0: none yet, for an association without peers may end without a word. */
  #association = 0;
  readonly #lanes: (Lane | undefined)[] = [];
  /** Peers whose header has a name. */
  #byName: Map<string, PlaceNumber> | undefined;
  #latest: Peer | undefined;

  /** `maxPeers`: of this association; 0: no limit of its own. */
  constructor(table: PeerTable, client: ReplyClient, maxPeers: number) {
    this.#table = table;
    this.#client = client;
    this.owner = client.owner;
    this.#maxPeers = maxPeers === 0 ? Infinity : maxPeers;
  }

  /** The peer that add() was given for the header of `size` bytes with which `bytes` begin. */
  byHeader(bytes: Uint8Array, size: number): Peer | undefined {
    const latest = this.#latest;
    if (latest?.by === 'address' && isSame(latest.header, bytes, size)) return latest;
    const address = addressInHeader(bytes);
    const at =
      address === undefined
        ? this.#byName?.get(byteString(bytes.subarray(0, size)))
        : this.#table.findBytes(this.#association, bytes, address.start, address.length);
    return at === undefined || at === NONE ? undefined : this.#view(at);
  }

  /** The peer that answers from `source`, or one whose address only a proxy knows. */
  answering(lane: Lane, source: Endpoint | Destination): Peer | undefined {
    const { port } = source;
    if ('name' in source) return this.#find(lane, { port });
    const { ip } = source;
    const latest = this.#latest;
    if (
      latest?.lane === lane &&
      'ip' in latest.place &&
      latest.place.ip === ip &&
      latest.place.port === port
    ) {
      return latest;
    }
    return this.#find(lane, source) ?? this.#find(lane, { port });
  }

  /**
   * A new peer, for which one that has been silent for long may have to go; undefined: there is no room at all. `name`: the
   * header by which the client calls it, where that has a name.
   */
  add(lane: Lane, place: Endpoint | Destination, name?: string): Peer | undefined {
    if (this.list.size >= this.#maxPeers) this.#table.release(this.list.oldest);
    if (this.#association === 0) this.#association = this.#table.join(this);
    this.#lanes[lane.number] = lane;
    const way = { association: this.#association, lane: lane.number };
    const at = this.#table.add(way, 'name' in place ? { port: place.port } : place, name);
    if (at === undefined) return undefined;
    if (name !== undefined) (this.#byName ??= new Map()).set(name, at);
    return this.#view(at);
  }

  /** A datagram went there or came from there. */
  touch(peer: Peer): void {
    if (peer === this.#latest && this.list.newest === peer.at) {
      this.#table.touch(peer.at);
      return;
    }
    this.#latest = peer;
    this.#table.touchInAll(peer.at);
  }

  /** The association is over. */
  close(): void {
    this.#table.leave(this.#association);
  }

  forgets(at: PlaceNumber): void {
    const name = this.#table.nameOf(at);
    if (name !== undefined) this.#byName?.delete(name);
    if (this.#latest?.at === at) this.#latest = undefined;
  }

  #find(lane: Lane, place: { readonly ip?: Endpoint['ip']; readonly port: number }): Peer | undefined {
    const at = this.#table.find({ association: this.#association, lane: lane.number }, place);
    return at === NONE ? undefined : this.#view(at);
  }

  #view(at: PlaceNumber): Peer | undefined {
    return this.#table.view(at) ?? this.#newView(at);
  }

  #newView(at: PlaceNumber): Peer | undefined {
    const lane = this.#lanes[this.#table.laneOf(at)];
    if (lane === undefined) return undefined;
    const name = this.#table.nameOf(at);
    const { ip, port } = this.#table.placeOf(at);
    const place = ip === undefined ? destinationIn(name ?? '') : { ip, port };
    const key = ip === undefined ? replyKeyOfNames(this.#client, lane.route) : replyKeyOf(this.#client, ip);
    const pair = { client: this.#client, key, account: NONE };
    const by = name === undefined ? 'address' : 'name';
    const view: Peer = { at, lane, by, place, header: encodeDatagramHeader(place), pair };
    this.#table.keepView(view);
    return view;
  }
}

/** Whether `bytes` begin with `header`, which is as long as theirs. */
function isSame(header: Uint8Array, bytes: Uint8Array, size: number): boolean {
  if (header.length !== size) return false;
  // From the back, where headers of one kind differ.
  for (let at = size - 1; at >= 0; at--) if (header[at] !== bytes[at]) return false;
  return true;
}

/** That of a header which was decoded before. */
function destinationIn(header: string): Destination {
  const decoded = decodeDatagram(Buffer.from(header, 'latin1'));
  if (decoded.kind !== 'done') throw new TypeError('a peer without a destination');
  return decoded.value.destination;
}
