// Where one association has sent datagrams: the only ones whose answers it passes on (V5-41), and only by the lane on which it
// did. What was admitted stays so as long as it is here. Found by the key of the client's header, which spares decoding and
// rules, and by where an answer comes from.
import type { Endpoint } from '../base/ip.ts';
import { ReplyBudget, type ReplyLimits } from '../policy/replybudget.ts';
import { ReplyDebts } from '../policy/replydebts.ts';
import type { Destination } from '../protocol/address.ts';
import { encodeDatagramHeader, type DatagramKey } from '../protocol/datagram.ts';
import type { Lane, Target } from './lane.ts';

export interface Peer extends Target {
  readonly lane: Lane;
  readonly host: PeerHost;
  /** Headers by which the client calls it. */
  readonly keys: DatagramKey[];
}

/** One address, with its ports: they share a budget, because a flood over many ports hits one host. */
interface PeerHost {
  readonly name: string;
  readonly budget: ReplyBudget;
  /** By port. Of names whose addresses only a proxy knows this has for each port the one that was heard of last. */
  readonly peers: Map<number, Peer>;
}

/** All names that travel to a proxy on one lane: any of them may be any address, so that they are one host. */
const NAMES = '';

interface PeerLimits extends ReplyLimits {
  /** 0: no limit. */
  readonly maxPeers: number;
}

/** A name can be written in upper and lower case; what is called otherwise once more is decoded once more. */
const MAX_KEYS = 4;

export class Peers {
  readonly #limits: PeerLimits;
  readonly #maxPeers: number;
  readonly #debts = new ReplyDebts();
  readonly #hosts = new Map<Lane, Map<string, PeerHost>>();
  readonly #byKey = new Map<DatagramKey, Peer>();
  /** The one that has been silent for longest stands first. */
  readonly #bySilence = new Set<Peer>();
  #latest: Peer | undefined;

  constructor(limits: PeerLimits) {
    this.#limits = limits;
    this.#maxPeers = limits.maxPeers === 0 ? Infinity : limits.maxPeers;
  }

  /** The peer that was given this name by call(). */
  byKey(key: DatagramKey): Peer | undefined {
    return this.#byKey.get(key);
  }

  byEndpoint(lane: Lane, { ip, port }: Endpoint): Peer | undefined {
    return this.#hosts.get(lane)?.get(ip)?.peers.get(port);
  }

  /** Who answers from `source`: the peer there, or one whose address only a proxy knows. */
  answering(lane: Lane, source: Endpoint | Destination): Peer | undefined {
    const known = 'name' in source ? undefined : this.byEndpoint(lane, source);
    return known ?? this.#hosts.get(lane)?.get(NAMES)?.peers.get(source.port);
  }

  /** A new peer, for which the one that has been silent for longest may have to go. */
  add(lane: Lane, place: Endpoint | Destination): Peer {
    const [oldest] = this.#bySilence;
    if (oldest !== undefined && this.#bySilence.size >= this.#maxPeers) this.#remove(oldest);
    const host = this.#hostAt(lane, 'name' in place ? NAMES : place.ip);
    const peer: Peer = { lane, place, host, header: encodeDatagramHeader(place), keys: [] };
    host.peers.set(place.port, peer);
    this.#bySilence.add(peer);
    this.#latest = peer;
    return peer;
  }

  /** `key` means `peer` from now on. */
  call(peer: Peer, key: DatagramKey): void {
    const forgotten = peer.keys.length < MAX_KEYS ? undefined : peer.keys.shift();
    if (forgotten !== undefined) this.#byKey.delete(forgotten);
    peer.keys.push(key);
    this.#byKey.set(key, peer);
  }

  /** A datagram went there or came from there. */
  touch(peer: Peer): void {
    if (peer === this.#latest) return;
    this.#latest = peer;
    this.#bySilence.delete(peer);
    this.#bySilence.add(peer);
    if (peer.host.name === NAMES) peer.host.peers.set(peer.place.port, peer);
  }

  #hostAt(lane: Lane, name: string): PeerHost {
    const hosts = this.#hosts.get(lane) ?? new Map<string, PeerHost>();
    this.#hosts.set(lane, hosts);
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const host: PeerHost = { name, budget: new ReplyBudget(this.#debts.take(name)), peers: new Map() };
    hosts.set(name, host);
    return host;
  }

  #remove(peer: Peer): void {
    const { lane, host, place, keys } = peer;
    for (const key of keys) this.#byKey.delete(key);
    this.#bySilence.delete(peer);
    if (host.peers.get(place.port) === peer) host.peers.delete(place.port);
    if (host.peers.size > 0) return;
    this.#hosts.get(lane)?.delete(host.name);
    this.#debts.keep(host.name, host.budget.debt(this.#limits));
  }
}
