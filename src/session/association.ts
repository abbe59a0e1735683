// One UDP association (RFC 1928 section 7): a socket towards the client, one for each family towards the targets, and
// the control connection, with which everything ends. A datagram is passed on or dropped, and never answered.
import { Fault } from '../base/fault.ts';
import type { Endpoint, Ip } from '../base/ip.ts';
import { familyOf } from '../base/ip.ts';
import { RelayClock } from '../net/relayclock.ts';
import type { NameLookup } from '../net/resolve.ts';
import type { CloseHow, EndedBy, Leg, OnDatagram, Relay, RelayEnd, UdpSocket } from '../net/transport.ts';
import { PacketRate } from '../policy/packetrate.ts';
import type { Destination } from '../protocol/address.ts';
import { datagramKey, decodeDatagram } from '../protocol/datagram.ts';
import { DatagramQueue } from './datagramqueue.ts';
import { Drops, type DropReason } from './drops.ts';
import { chooseAddress } from './nameanswer.ts';
import { OutsideSocket } from './outsidesocket.ts';
import { Peers, type Peer } from './peers.ts';
import type { UdpLimits } from './session.ts';

/** What an association is made of and what it asks others for. */
export interface AssociationPlan {
  /** The control connection. */
  readonly leg: Leg;
  /** The only port of the client, where it is known before; else it is that of the first datagram. */
  readonly clientPort: number | undefined;
  readonly limits: UdpLimits;
  /** Why datagrams for `destination` must not be sent to `ip`, an address of it; undefined: they may. */
  readonly refusal: (destination: Destination, ip: Ip) => DropReason | undefined;
  readonly lookup: (name: string) => NameLookup;
  readonly hostAddresses: () => ReadonlySet<Ip>;
  /** Rejects where no socket towards targets of that family can be had. */
  readonly openOutside: (family: 4 | 6, onDatagram: OnDatagram) => Promise<UdpSocket>;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

type NameDestination = Extract<Destination, { kind: 'name' }>;

/** Largest UDP payload: 65,535 less the UDP header and, with IPv4, the IP header. */
const MAX_DATAGRAM = { 4: 65_507, 6: 65_527 } as const;

export class Association implements Relay {
  readonly #plan: AssociationPlan;
  readonly #rate: PacketRate;
  readonly #peers: Peers;
  readonly #drops = new Drops();
  readonly #outside: Readonly<Record<4 | 6, OutsideSocket>>;
  /** By the header that names the target. */
  readonly #unresolved = new DatagramQueue<string>();
  readonly #lookups = new Set<string>();
  readonly #maxDatagram: number;
  #client: Endpoint | undefined;
  #inside: UdpSocket | undefined;
  #clock: RelayClock | undefined;
  #bytesUp = 0;
  #bytesDown = 0;
  #end: RelayEnd | undefined;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  constructor(plan: AssociationPlan) {
    const { leg, clientPort, limits, now } = plan;
    this.#plan = plan;
    this.#rate = new PacketRate(limits.packetsPerSecond, now);
    this.#peers = new Peers(limits.maxPeers);
    this.#outside = { 4: this.#newOutside(4), 6: this.#newOutside(6) };
    this.#maxDatagram = MAX_DATAGRAM[familyOf(leg.remote.ip)];
    if (clientPort !== undefined) this.#client = { ip: leg.remote.ip, port: clientPort };
  }

  /** Runs from now on; `inside` is the socket on which takeFromClient() listens. */
  start(inside: UdpSocket): void {
    this.#inside = inside;
    const limits = { idleTimeoutMs: this.#plan.limits.idleTimeoutMs, halfClosedTimeoutMs: 0 };
    this.#clock = new RelayClock(limits, (limit) => this.#finish(limit, 'fin'));
    this.#watchControl();
  }

  progress(): { bytesUp: number; bytesDown: number } {
    return { bytesUp: this.#bytesUp, bytesDown: this.#bytesDown };
  }

  cut(how: CloseHow): void {
    this.#finish('cut', how);
  }

  whenEnded(listener: (end: RelayEnd) => void): void {
    this.#onEnd = listener;
    // It may have ended before anybody listened.
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => listener(end));
  }

  /** A datagram came to the socket that is the client's. */
  readonly takeFromClient: OnDatagram = (bytes, from) => {
    if (!this.#isClient(from)) return this.#drop('stranger');
    if (!this.#rate.take()) return this.#drop('rate');
    const key = datagramKey(bytes);
    const peer = key === undefined ? undefined : this.#peers.byKey(key);
    if (key === undefined) this.#drop('malformed');
    else if (peer === undefined) this.#meet(bytes, key, from);
    else this.#sendTo(peer, bytes.subarray(key.length));
  };

  /** Its address is that of the control connection, whatever it announced (V5-32). */
  #isClient({ ip, port }: Endpoint): boolean {
    return this.#client === undefined
      ? ip === this.#plan.leg.remote.ip
      : ip === this.#client.ip && port === this.#client.port;
  }

  /** A header that means no peer yet. */
  #meet(bytes: Uint8Array, key: string, from: Endpoint): void {
    const decoded = decodeDatagram(bytes);
    if (decoded.kind !== 'done') return this.#drop('malformed');
    const { fragment, destination } = decoded.value;
    if (destination.port === 0) return this.#drop('malformed');
    this.#client ??= from;
    if (fragment !== 0) return this.#drop('fragment');
    const payload = bytes.subarray(decoded.size);
    if (destination.kind === 'name') return this.#ask(destination, key, payload);
    const reason = this.#plan.refusal(destination, destination.ip);
    if (reason !== undefined) return this.#drop(reason);
    this.#sendTo(this.#peerAt(destination, key), payload);
  }

  /** Once for each name: what comes for it meanwhile waits with this one. */
  #ask(destination: NameDestination, key: string, payload: Uint8Array): void {
    if (!this.#unresolved.push(key, payload)) return this.#drop('busy');
    if (this.#lookups.has(key)) return;
    this.#lookups.add(key);
    const { lookup, hostAddresses, refusal } = this.#plan;
    const mayReach = (ip: Ip): DropReason | undefined => refusal(destination, ip);
    void chooseAddress(lookup(destination.name), hostAddresses(), mayReach).then((chosen) => {
      this.#lookups.delete(key);
      this.#answer(destination.port, key, chosen);
    });
  }

  #answer(port: number, key: string, chosen: Ip | { readonly refused: DropReason }): void {
    if (this.#end !== undefined) return;
    const waiting = this.#unresolved.take((each) => each === key);
    if (typeof chosen !== 'string') return this.#drop(chosen.refused, waiting.length);
    const peer = this.#peerAt({ ip: chosen, port }, key);
    for (const { payload } of waiting) this.#sendTo(peer, payload);
  }

  #peerAt({ ip, port }: Endpoint, key: string): Peer {
    const peer = this.#peers.byEndpoint({ ip, port }) ?? this.#peers.add({ ip, port });
    this.#peers.call(peer, key);
    return peer;
  }

  #sendTo(peer: Peer, payload: Uint8Array): void {
    if (!peer.host.budget.spend(this.#plan.limits, payload.length)) return this.#drop('unanswered');
    this.#bytesUp += payload.length;
    this.#pass(peer);
    this.#outside[peer.host.family].send(payload, peer.endpoint);
  }

  readonly #takeFromOutside: OnDatagram = (bytes, from) => {
    const peer = this.#peers.byEndpoint(from);
    if (peer === undefined || this.#client === undefined) return this.#drop('stranger');
    peer.host.budget.earn(bytes.length);
    this.#pass(peer);
    if (peer.header.length + bytes.length > this.#maxDatagram) return this.#drop('too-long');
    this.#bytesDown += bytes.length;
    this.#inside?.send(peer.header, bytes, this.#client);
  };

  #pass(peer: Peer): void {
    this.#peers.touch(peer);
    this.#clock?.touch();
  }

  #drop(reason: DropReason, datagrams = 1): void {
    this.#drops.add(reason, datagrams);
  }

  #newOutside(family: 4 | 6): OutsideSocket {
    const { openOutside, now } = this.#plan;
    return new OutsideSocket(
      () => openOutside(family, this.#takeFromOutside),
      (reason, datagrams) => this.#drop(reason, datagrams),
      now,
    );
  }

  /** Bytes on the control connection mean nothing (V5-43) and are thrown away as they come; its end is the end (V5-31). */
  #watchControl(): void {
    if (this.#end !== undefined) return;
    this.#plan.leg.read().then(
      (bytes) => (bytes === undefined ? this.#finish('client-fin', 'fin') : this.#watchControl()),
      (fault: unknown) => {
        if (!(fault instanceof Fault)) throw fault;
        this.#finish(fault.code === 'PEER_RESET' ? 'client-reset' : 'cut', 'reset');
      },
    );
  }

  #finish(endedBy: EndedBy, how: CloseHow): void {
    if (this.#end !== undefined) return;
    this.#end = { ...this.progress(), endedBy, dropped: this.#drops.counts };
    this.#clock?.stop();
    this.#inside?.close();
    this.#outside[4].close();
    this.#outside[6].close();
    this.#plan.leg.close(how);
    this.#onEnd?.(this.#end);
  }
}
