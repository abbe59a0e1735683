// Where one association has sent datagrams: the only ones whose answers it passes on (V5-41). What was admitted stays
// so as long as it is here. Found by the key of the client's header, which spares decoding and rules, and by endpoint.
import { familyOf, type Endpoint, type Ip } from '../base/ip.ts';
import { ReplyBudget, type ReplyLimits } from '../policy/replybudget.ts';
import { ReplyDebts } from '../policy/replydebts.ts';
import { encodeDatagramHeader, type DatagramKey } from '../protocol/datagram.ts';

export interface Peer {
  readonly endpoint: Endpoint;
  readonly host: PeerHost;
  /** In front of its answers to the client. */
  readonly header: Uint8Array;
  /** Headers by which the client calls it. */
  readonly keys: DatagramKey[];
}

/** One address, with its ports: they share a budget, because a flood over many ports hits one host. */
interface PeerHost {
  readonly family: 4 | 6;
  readonly budget: ReplyBudget;
  readonly peers: Map<number, Peer>;
}

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
  readonly #hosts = new Map<Ip, PeerHost>();
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

  byEndpoint({ ip, port }: Endpoint): Peer | undefined {
    return this.#hosts.get(ip)?.peers.get(port);
  }

  /** A new peer, for which the one that has been silent for longest may have to go. */
  add(endpoint: Endpoint): Peer {
    const [oldest] = this.#bySilence;
    if (oldest !== undefined && this.#bySilence.size >= this.#maxPeers) this.#remove(oldest);
    const host = this.#hosts.get(endpoint.ip) ?? this.#addHost(endpoint.ip);
    const peer: Peer = { endpoint, host, header: encodeDatagramHeader(endpoint), keys: [] };
    host.peers.set(endpoint.port, peer);
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
  }

  #addHost(ip: Ip): PeerHost {
    const budget = new ReplyBudget(this.#debts.take(ip));
    const host: PeerHost = { family: familyOf(ip), budget, peers: new Map() };
    this.#hosts.set(ip, host);
    return host;
  }

  #remove(peer: Peer): void {
    const { host, endpoint, keys } = peer;
    for (const key of keys) this.#byKey.delete(key);
    this.#bySilence.delete(peer);
    host.peers.delete(endpoint.port);
    if (host.peers.size > 0) return;
    this.#hosts.delete(endpoint.ip);
    this.#debts.keep(endpoint.ip, host.budget.debt(this.#limits));
  }
}
