// One UDP association (RFC 1928 section 7): a socket towards the client, one for each family towards the targets, and
// the control connection, with which everything ends. A datagram is passed on or dropped, and never answered.
import { Fault } from '../base/fault.ts';
import { familyOf, type Endpoint } from '../base/ip.ts';
import { RelayClock } from '../net/relayclock.ts';
import type {
  CloseHow,
  EndedBy,
  Leg,
  OnDatagram,
  Relay,
  RelayEnd,
  RelayRate,
  UdpSocket,
} from '../net/transport.ts';
import { PacketRate } from '../policy/packetrate.ts';
import { datagramHeaderSize, datagramKey, decodeDatagram, type DatagramKey } from '../protocol/datagram.ts';
import { DatagramRate } from './datagramrate.ts';
import { Drops, type DropReason } from './drops.ts';
import { NameWaits, type NameSettings } from './namewaits.ts';
import { OutsideSocket } from './outsidesocket.ts';
import { Peers, type Peer } from './peers.ts';
import type { UdpLimits } from './session.ts';

/** What an association is made of, and whom it asks. */
export interface AssociationPlan extends NameSettings {
  /** The control connection. */
  readonly leg: Leg;
  /** The only port of the client, where it is known before; else it is that of the first datagram. */
  readonly clientPort: number | undefined;
  readonly limits: UdpLimits;
  /** Rejects where no socket towards targets of that family can be had. */
  readonly openOutside: (family: 4 | 6, onDatagram: OnDatagram) => Promise<UdpSocket>;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** Largest UDP payload: 65,535 less the UDP header and, with IPv4, the IP header. */
const MAX_DATAGRAM = { 4: 65_507, 6: 65_527 } as const;

export class Association implements Relay {
  readonly #plan: AssociationPlan;
  readonly #rate: PacketRate;
  readonly #bytes: DatagramRate;
  readonly #peers: Peers;
  readonly #drops = new Drops();
  readonly #names: NameWaits;
  readonly #outside: Readonly<Record<4 | 6, OutsideSocket>>;
  readonly #maxDatagram: number;
  #client: Endpoint | undefined;
  #inside: UdpSocket | undefined;
  #clock: RelayClock | undefined;
  #bytesUp = 0;
  #bytesDown = 0;
  #end: RelayEnd | undefined;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  constructor(plan: AssociationPlan) {
    const { leg, clientPort, limits } = plan;
    this.#plan = plan;
    this.#rate = new PacketRate(limits.packetsPerSecond, plan.now);
    this.#bytes = new DatagramRate(plan.now);
    this.#peers = new Peers(limits);
    this.#names = this.#newNameWaits();
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

  setRate(rate: RelayRate): void {
    this.#bytes.setRate(rate);
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

  readonly takeFromClient: OnDatagram = (bytes, from) => this.#drop(this.#passUp(bytes, from));

  readonly #takeFromOutside: OnDatagram = (bytes, from) => this.#drop(this.#passDown(bytes, from));

  /** As all that follow, it says why a datagram is dropped; undefined: it is not. */
  #passUp(bytes: Uint8Array, from: Endpoint): DropReason | undefined {
    if (!this.#isClient(from)) return 'stranger';
    if (!this.#rate.take()) return 'rate';
    const size = datagramHeaderSize(bytes);
    if (size === undefined) return 'malformed';
    const key = datagramKey(bytes, size);
    const peer = this.#peers.byKey(key);
    if (peer === undefined) return this.#meet(bytes, key, from);
    return this.#sendTo(peer, bytes.subarray(size));
  }

  /** Its address is that of the control connection, whatever it announced (V5-32). */
  #isClient({ ip, port }: Endpoint): boolean {
    const client = this.#client;
    if (client === undefined) return ip === this.#plan.leg.remote.ip;
    return port === client.port && ip === client.ip;
  }

  /** A header that means no peer yet. */
  #meet(bytes: Uint8Array, key: DatagramKey, from: Endpoint): DropReason | undefined {
    const decoded = decodeDatagram(bytes);
    if (decoded.kind !== 'done' || decoded.value.destination.port === 0) return 'malformed';
    this.#client ??= from;
    const { fragment, destination } = decoded.value;
    if (fragment !== 0) return 'fragment';
    const payload = bytes.subarray(decoded.size);
    if (destination.kind === 'name') return this.#names.add(destination, key, payload);
    const { ip, port } = destination;
    return this.#plan.refusal(destination, ip) ?? this.#sendTo(this.#peerAt({ ip, port }, key), payload);
  }

  #peerAt(endpoint: Endpoint, key: DatagramKey): Peer {
    const peer = this.#peers.byEndpoint(endpoint) ?? this.#peers.add(endpoint);
    this.#peers.call(peer, key);
    return peer;
  }

  #sendTo(peer: Peer, payload: Uint8Array): DropReason | undefined {
    if (!this.#bytes.take('up', payload.length)) return 'rate';
    if (!peer.host.budget.spend(this.#plan.limits, payload.length)) return 'unanswered';
    this.#bytesUp += payload.length;
    this.#touch(peer);
    return this.#outside[peer.host.family].send(payload, peer.endpoint);
  }

  #passDown(bytes: Uint8Array, from: Endpoint): DropReason | undefined {
    const peer = this.#peers.byEndpoint(from);
    if (peer === undefined || this.#client === undefined) return 'stranger';
    peer.host.budget.earn(bytes.length);
    this.#touch(peer);
    if (peer.header.length + bytes.length > this.#maxDatagram) return 'too-long';
    if (!this.#bytes.take('down', bytes.length)) return 'rate';
    this.#bytesDown += bytes.length;
    this.#inside?.send(peer.header, bytes, this.#client);
    return undefined;
  }

  #touch(peer: Peer): void {
    this.#peers.touch(peer);
    this.#clock?.touch();
  }

  #drop(reason: DropReason | undefined, datagrams = 1): void {
    if (reason !== undefined) this.#drops.add(reason, datagrams);
  }

  #newOutside(family: 4 | 6): OutsideSocket {
    const { openOutside, now } = this.#plan;
    const open = (): Promise<UdpSocket> => openOutside(family, this.#takeFromOutside);
    return new OutsideSocket(open, (reason, datagrams) => this.#drop(reason, datagrams), now);
  }

  #newNameWaits(): NameWaits {
    return new NameWaits(this.#plan, {
      found: (key, endpoint, payloads) => {
        if (this.#end !== undefined) return;
        const peer = this.#peerAt(endpoint, key);
        for (const payload of payloads) this.#drop(this.#sendTo(peer, payload));
      },
      dropped: (reason, datagrams) => this.#drop(reason, datagrams),
    });
  }

  /**
   * What comes on the control connection means nothing and is thrown away (V5-43); its end is the end of all (V5-31). One
   * read in a turn of the loop: a client that never stops sending would keep all others waiting.
   */
  #watchControl(): void {
    if (this.#end !== undefined) return;
    this.#plan.leg.read().then(
      (bytes) =>
        bytes === undefined ? this.#finish('client-fin', 'fin') : setImmediate(() => this.#watchControl()),
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
