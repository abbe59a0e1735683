// The peers of all associations: where each has sent datagrams. A peer is a place in arrays of numbers, of which there may be
// hundreds of thousands, and all share one room: when it is full, the peer that was silent for longest gives way, of the client
// that has most.
import { ipAt, putIp, type Ip } from '../../base/ip.ts';
import { FairRoom, type PlaceNumber } from '../../policy/room/fairroom.ts';
import { grown } from '../../policy/room/grown.ts';
import { NONE } from '../../policy/room/holder.ts';
import type { Owner } from '../../policy/room/owner.ts';
import { PlaceIndex } from '../../policy/room/placeindex.ts';
import type { ReplyPair } from '../../policy/udp/replybudget.ts';
import type { Lane, Target } from './lane.ts';

/** A peer as those see it who send there; made when it is needed. */
export interface Peer extends Target {
  readonly at: PlaceNumber;
  readonly lane: Lane;
  /** The form in which the client names it. */
  readonly by: 'address' | 'name';
  /** The budget of its client for this peer. */
  readonly pair: ReplyPair;
}

/** The owner of peers: one association. */
export interface PeerHolder {
  readonly owner: Owner;
  /** Its peers, from the one that was silent for longest on; the table keeps it. */
  readonly list: { oldest: PlaceNumber; newest: PlaceNumber; size: number };
  /** The peer at `place` is forgotten; its name is still there. */
  forgets(place: PlaceNumber): void;
}

/** The association and the way out, by number. */
export interface PeerWay {
  readonly association: number;
  readonly lane: number;
}

/** The address of a peer; without one, only a proxy knows it. */
export interface PeerPlace {
  readonly ip?: Ip | undefined;
  readonly port: number;
}

/** Words of a key: association, lane of those that have a name, port with family, four of the address. */
const KEY_WORDS = 7;
const WORD = { association: 0, lane: 1, port: 2, address: 3 } as const;
const BYTES_PER_KEY = 4 * KEY_WORDS;
const ADDRESS_BYTE = 4 * WORD.address;

/** Peers that have no name share this instead of a lane. */
const NO_LANE = -1;

/** Heap of a name beside its text, which is an entry of a map; and of a unit of the room. */
const NAME_OVERHEAD_BYTES = 96;
const BYTES_PER_UNIT = 128;

/** Peers that were met lately are kept as others see them. */
const VIEWS = 1024;

export class PeerTable {
  readonly #room: FairRoom;
  readonly #index = new PlaceIndex(KEY_WORDS);
  readonly #holders = new Map<number, PeerHolder>();
  #lastAssociation = 0;
  #lanes = new Int32Array(this.#index.length);
  #older = new Int32Array(this.#index.length);
  #newer = new Int32Array(this.#index.length);
  /** Headers that have a name. */
  readonly #names: (string | undefined)[] = [];
  readonly #views = new Array<Peer | undefined>(VIEWS).fill(undefined);
  /** The key that is looked for or put in. */
  readonly #sought = new Int32Array(KEY_WORDS);
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer);

  /** `max`: peers of all; one with a name counts as two to four, by its length. 0: no limit. */
  constructor(max: number) {
    this.#room = new FairRoom({
      max: max === 0 ? Infinity : max,
      gives: 'oldest',
      gaveWay: (place) => this.#forget(place),
    });
  }

  /** Units that are held. */
  get held(): number {
    return this.#room.held;
  }

  /** The number of a new association, not 0. */
  join(holder: PeerHolder): number {
    do this.#lastAssociation = (this.#lastAssociation + 1) | 0;
    while (this.#lastAssociation === 0 || this.#holders.has(this.#lastAssociation));
    this.#holders.set(this.#lastAssociation, holder);
    return this.#lastAssociation;
  }

  /** An association is over, and so are its peers. */
  leave(association: number): void {
    const list = this.#holders.get(association)?.list;
    while (list !== undefined && list.oldest !== NONE) this.release(list.oldest);
    this.#holders.delete(association);
  }

  /** Looks for those without a name, by an address of 4 or 16 bytes at `start` of a message and the port after it. */
  findBytes(association: number, bytes: Uint8Array, start: number, length: 4 | 16): PlaceNumber {
    const port = ((bytes[start + length] ?? 0) << 8) | (bytes[start + length + 1] ?? 0);
    this.#begin(association, NO_LANE, port | ((length === 4 ? 4 : 6) << 16));
    for (let at = 0; at < length; at++) this.#soughtBytes[ADDRESS_BYTE + at] = bytes[start + at] ?? 0;
    return this.#index.find(this.#sought);
  }

  /** A peer on that lane, without a name where there is one; NONE: there is none. */
  find({ association, lane }: PeerWay, place: PeerPlace): PlaceNumber {
    if (place.ip !== undefined) {
      this.#seek(association, NO_LANE, place);
      const plain = this.#index.find(this.#sought);
      if (plain !== NONE && this.laneOf(plain) === lane) return plain;
    }
    this.#seek(association, lane, place);
    return this.#index.find(this.#sought);
  }

  /** Adds a peer; undefined when there is no room at all. `name`: its header, when that holds a name. */
  add(way: PeerWay, place: PeerPlace, name?: string): PlaceNumber | undefined {
    const holder = this.#holders.get(way.association);
    if (holder === undefined) return undefined;
    const peer = this.#room.take(holder.owner, sizeOf(name));
    if (peer === undefined) return undefined;
    this.#seek(way.association, name === undefined ? NO_LANE : way.lane, place);
    this.#index.put(peer, this.#sought);
    this.#growTo(this.#index.length);
    this.#lanes[peer] = way.lane;
    this.#names[peer] = name;
    this.#append(holder.list, peer);
    return peer;
  }

  release(peer: PlaceNumber): void {
    this.#room.release(peer);
    this.#forget(peer);
  }

  /** It is the newest of its client. */
  touch(peer: PlaceNumber): void {
    this.#room.touch(peer);
  }

  /** It becomes the newest of its association too. */
  touchInAll(peer: PlaceNumber): void {
    this.#room.touch(peer);
    const list = this.#holderOf(peer)?.list;
    if (list === undefined || list.newest === peer) return;
    this.#unlink(list, peer);
    this.#append(list, peer);
  }

  laneOf(peer: PlaceNumber): number {
    return this.#lanes[peer] ?? NO_LANE;
  }

  /** The header that holds its name; undefined when the header holds its address. */
  nameOf(peer: PlaceNumber): string | undefined {
    return this.#names[peer];
  }

  /** As keepView() had it, where that was lately. */
  view(peer: PlaceNumber): Peer | undefined {
    const view = this.#views[peer & (VIEWS - 1)];
    return view?.at === peer ? view : undefined;
  }

  keepView(view: Peer): void {
    this.#views[view.at & (VIEWS - 1)] = view;
  }

  placeOf(peer: PlaceNumber): PeerPlace {
    const word = this.#index.keys[peer * KEY_WORDS + WORD.port] ?? 0;
    const family = word >>> 16;
    const bytes = new Uint8Array(this.#index.keys.buffer, peer * BYTES_PER_KEY + ADDRESS_BYTE, 16);
    const ip = family === 0 ? undefined : ipAt(bytes, 0, family === 4 ? 4 : 16);
    return { ip, port: word & 0xffff };
  }

  #holderOf(peer: PlaceNumber): PeerHolder | undefined {
    return this.#holders.get(this.#index.keys[peer * KEY_WORDS + WORD.association] ?? 0);
  }

  #forget(peer: PlaceNumber): void {
    const holder = this.#holderOf(peer);
    if (holder !== undefined) this.#unlink(holder.list, peer);
    holder?.forgets(peer);
    if (this.view(peer) !== undefined) this.#views[peer & (VIEWS - 1)] = undefined;
    this.#index.remove(peer);
    this.#names[peer] = undefined;
  }

  #seek(association: number, lane: number, { ip, port }: PeerPlace): void {
    this.#begin(association, lane, port);
    if (ip === undefined) return;
    const length = putIp(ip, this.#soughtBytes, ADDRESS_BYTE);
    this.#sought[WORD.port] = port | ((length === 4 ? 4 : 6) << 16);
  }

  #begin(association: number, lane: number, portAndFamily: number): void {
    const sought = this.#sought;
    sought[WORD.association] = association;
    sought[WORD.lane] = lane;
    sought[WORD.port] = portAndFamily;
    for (let word: number = WORD.address; word < KEY_WORDS; word++) sought[word] = 0;
  }

  #append(list: PeerHolder['list'], peer: PlaceNumber): void {
    this.#older[peer] = list.newest;
    this.#newer[peer] = NONE;
    if (list.newest === NONE) list.oldest = peer;
    else this.#newer[list.newest] = peer;
    list.newest = peer;
    list.size += 1;
  }

  #unlink(list: PeerHolder['list'], peer: PlaceNumber): void {
    const older = this.#older[peer] ?? NONE;
    const newer = this.#newer[peer] ?? NONE;
    if (older === NONE) list.oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) list.newest = older;
    else this.#older[newer] = older;
    list.size -= 1;
  }

  #growTo(length: number): void {
    if (length === this.#lanes.length) return;
    this.#lanes = grown(this.#lanes, new Int32Array(length));
    this.#older = grown(this.#older, new Int32Array(length));
    this.#newer = grown(this.#newer, new Int32Array(length));
  }
}

function sizeOf(name: string | undefined): number {
  return name === undefined ? 1 : 1 + Math.ceil((name.length + NAME_OVERHEAD_BYTES) / BYTES_PER_UNIT);
}
