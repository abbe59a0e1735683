// One UDP association (RFC 1928 section 7): a socket towards the client, lanes towards the targets, and the control connection,
// with which everything ends. A datagram is passed on or dropped, and never answered.
import { byteString } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import { addressOf, familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import { RelayClock } from '../../net/streams/relayclock.ts';
import type { CloseHow, EndedBy, Leg, OnDatagram, UdpSocket } from '../../net/transport.ts';
import { PacketRate } from '../../policy/udp/packetrate.ts';
import { replyClientOf } from '../../policy/udp/replykey.ts';
import type { Destination } from '../../protocol/address.ts';
import {
  addressInHeader,
  datagramHeaderSize,
  decodeDatagram,
  encodeDatagramHeader,
  MAX_DATAGRAM_BYTES,
} from '../../protocol/datagram.ts';
import type { RoomShare } from '../datagrams/datagramqueue.ts';
import { DatagramRate } from '../datagrams/datagramrate.ts';
import type { Datagrams } from '../datagrams/datagrams.ts';
import { Drops, type DropReason } from '../datagrams/drops.ts';
import type { Lane } from '../datagrams/lane.ts';
import type { Peer } from '../datagrams/peertable.ts';
import type { Activity, ActivityEnd } from '../activity.ts';
import type { UdpLimits } from '../session.ts';
import type { Course, Courses } from './courses.ts';
import { Lanes, type LanesPlan } from './lanes.ts';
import { NameWaits, type CalledName, type NameSettings } from './namewaits.ts';
import { Peers } from './peers.ts';
import { PermitWaits, type MetTarget, type PermitSettings } from './permitwaits.ts';

/** The parts of an association, and the callbacks it asks. */
export interface AssociationPlan extends NameSettings, LanesPlan, PermitSettings {
  /** The control connection. */
  readonly leg: Leg;
  /** The only port of the client, where it is known before; else it is that of the first datagram. */
  readonly clientPort: number | undefined;
  /** Whether a datagram comes from a socket of our own towards targets, which other clients use. */
  readonly isSelf: (from: Endpoint) => boolean;
  readonly limits: UdpLimits;
  readonly courses: Courses;
  readonly shared: Datagrams;
}

export class Association implements Activity {
  readonly #plan: AssociationPlan;
  readonly #rate: PacketRate;
  readonly #bytes: DatagramRate;
  readonly #peers: Peers;
  readonly #drops = new Drops();
  readonly #names: NameWaits;
  readonly #permits: PermitWaits | undefined;
  readonly #lanes: Lanes;
  readonly #maxDatagram: number;
  #client: Endpoint | undefined;
  #inside: UdpSocket | undefined;
  #clock: RelayClock | undefined;
  #bytesUp = 0;
  #bytesDown = 0;
  #stop = Infinity;
  #end: ActivityEnd | undefined;
  #onEnd: ((end: ActivityEnd) => void) | undefined;

  constructor(plan: AssociationPlan) {
    const { leg, clientPort, limits, shared } = plan;
    const client = replyClientOf(leg.remote.ip);
    this.#plan = plan;
    this.#rate = new PacketRate(limits.packetsPerSecond, plan.now);
    this.#bytes = new DatagramRate(plan.now);
    this.#peers = new Peers(shared.peers, client, limits.maxPeers);
    const share = { room: shared.waiting, owner: client.owner };
    this.#names = this.#newNameWaits(share);
    this.#lanes = this.#newLanes(share);
    this.#permits = plan.permit && new PermitWaits(plan, share, this.#go, (reason) => this.#drop(reason));
    this.#maxDatagram = MAX_DATAGRAM_BYTES[familyOf(leg.remote.ip)];
    if (clientPort !== undefined) this.#client = { ip: addressOf(leg.remote.ip), port: clientPort };
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

  readonly setRate: Activity['setRate'] = (rate) => this.#bytes.setRate(rate);

  setStop(bytes: number): void {
    this.#stop = bytes;
  }

  cut(how: CloseHow): void {
    this.#finish('cut', how);
  }

  whenEnded(listener: (end: ActivityEnd) => void): void {
    this.#onEnd = listener;
    // It may have ended before this listener was added.
    const end = this.#end;
    if (end !== undefined) queueMicrotask(() => listener(end));
  }

  readonly takeFromClient: OnDatagram = (bytes, from) => this.#drop(this.#passUp(bytes, from));

  /** Like the next methods, it returns why a datagram is dropped; undefined when it is not. */
  #passUp(bytes: Uint8Array, from: Endpoint): DropReason | undefined {
    if (!this.#isClient(from)) return 'stranger';
    if (!this.#rate.take()) return 'rate';
    const size = datagramHeaderSize(bytes);
    if (size === undefined) return 'malformed';
    const peer = this.#peers.byHeader(bytes, size);
    if (peer === undefined) return this.#meet(bytes, from);
    return this.#sendTo(peer, bytes.subarray(size));
  }

  /** Its address is that of the control connection, whatever it announced (V5-32). */
  #isClient(from: Endpoint): boolean {
    const client = this.#client ?? { ip: addressOf(this.#plan.leg.remote.ip), port: from.port };
    return from.ip === client.ip && from.port === client.port && !this.#plan.isSelf(from);
  }

  /** A header that means no peer yet. */
  #meet(bytes: Uint8Array, from: Endpoint): DropReason | undefined {
    const decoded = decodeDatagram(bytes);
    if (decoded.kind !== 'done' || decoded.value.destination.port === 0) return 'malformed';
    this.#client ??= from;
    const { fragment, destination } = decoded.value;
    if (fragment !== 0) return 'fragment';
    const payload = bytes.subarray(decoded.size);
    const header = byteString(bytes.subarray(0, decoded.size));
    // A name that spells an address is one, and yet the client calls it by a header of its own.
    const met = { place: destination, name: addressInHeader(bytes) === undefined ? header : undefined };
    return this.#permits === undefined ? this.#go(met, payload) : this.#permits.take(met, header, payload);
  }

  readonly #go = (met: MetTarget, payload: Uint8Array): DropReason | undefined => {
    const { courses } = this.#plan;
    const { place, name } = met;
    if (this.#end !== undefined) return undefined;
    if (place.kind === 'ip') return this.#begin(courses.ofAddress(place, place.ip), met, payload);
    if (name === undefined) return 'malformed';
    const course = courses.ofName(place);
    if (course === undefined) return this.#names.add(place, name, payload);
    return this.#begin(course, met, payload);
  };

  #begin(course: Course, { place, name }: MetTarget, payload: Uint8Array): DropReason | undefined {
    if (course.kind === 'nowhere') return course.reason;
    const peer = this.#peers.add(this.#lanes.laneOf(course), place, name);
    return peer === undefined ? 'busy' : this.#sendTo(peer, payload);
  }

  #sendTo(peer: Peer, payload: Uint8Array): DropReason | undefined {
    if (this.#isAtStop() || !this.#bytes.take('up', payload.length)) return 'rate';
    const { limits, shared, now } = this.#plan;
    const nowMs = now();
    if (!shared.replies.spend(peer.pair, payload.length, limits, nowMs)) return 'unanswered';
    this.#bytesUp += this.#drops.passing('up', payload.length);
    this.#touch(peer, nowMs);
    return peer.lane.send(payload, peer);
  }

  #passDown(lane: Lane, bytes: Uint8Array, source: Endpoint | Destination): DropReason | undefined {
    const peer = this.#peers.answering(lane, source);
    if (peer === undefined || this.#client === undefined) return 'stranger';
    const { limits, shared, now } = this.#plan;
    const nowMs = now();
    shared.replies.earn(peer.pair, bytes.length, limits, nowMs);
    this.#touch(peer, nowMs);
    const header = 'name' in peer.place ? encodeDatagramHeader(source) : peer.header;
    if (header.length + bytes.length > this.#maxDatagram) return 'too-long';
    if (this.#isAtStop() || !this.#bytes.take('down', bytes.length)) return 'rate';
    this.#bytesDown += this.#drops.passing('down', bytes.length);
    this.#inside?.send(header, bytes, this.#client);
    return undefined;
  }

  #isAtStop(): boolean {
    return this.#bytesUp + this.#bytesDown >= this.#stop;
  }

  #touch(peer: Peer, nowMs: number): void {
    this.#peers.touch(peer);
    this.#clock?.touch(nowMs);
  }

  #drop(reason: DropReason | undefined, datagrams = 1): void {
    if (reason !== undefined) this.#drops.add(reason, datagrams);
  }

  #newLanes(share: RoomShare): Lanes {
    return new Lanes(this.#plan, share, {
      onAnswer: (lane, bytes, source) => this.#drop(this.#passDown(lane, bytes, source)),
      onDrop: (reason, datagrams) => this.#drop(reason, datagrams),
    });
  }

  #newNameWaits(share: RoomShare): NameWaits {
    return new NameWaits(this.#plan, share, {
      found: (called, ip, payloads) => this.#resume(called, ip, payloads),
      dropped: (reason, datagrams) => this.#drop(reason, datagrams),
    });
  }

  /** A name has turned out to be `ip`. */
  #resume({ destination, key }: CalledName, ip: Ip, payloads: readonly Uint8Array[]): void {
    if (this.#end !== undefined) return;
    const course = this.#plan.courses.ofAddress(destination, ip);
    if (course.kind === 'nowhere') {
      this.#drop(course.reason, payloads.length);
      return;
    }
    const peer = this.#peers.add(this.#lanes.laneOf(course), { ip, port: destination.port }, key);
    for (const payload of payloads) this.#drop(peer === undefined ? 'busy' : this.#sendTo(peer, payload));
  }

  /**
   * Bytes on the control connection have no meaning and are discarded (V5-43); its end ends the association (V5-31). One read in
   * a turn of the loop: a client that never stops sending would keep all others waiting.
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
    this.#end = { ...this.progress(), endedBy, ...this.#drops.told, fault: this.#lanes.fault };
    this.#clock?.stop();
    this.#inside?.close();
    this.#lanes.close();
    this.#names.close();
    this.#permits?.close();
    this.#peers.close();
    this.#plan.leg.close(how);
    this.#onEnd?.(this.#end);
  }
}
