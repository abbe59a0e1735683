// The native transport (Linux): C accepts, connects, reads, writes and relays on its own threads and descriptors;
// this file turns its batches of records into legs. Handles are checked on both sides: a stale one is an error.
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { throwToProcess } from '../../base/bug.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint, type Ip } from '../../base/ip.ts';
import type { Addon, NativeEngine } from '../native/addon.ts';
import { KIND } from '../native/enginelayout.ts';
import { ZoneIndex } from '../native/zoneindex.ts';
import { OwnEnds } from '../ownends.ts';
import type { Released } from '../released.ts';
import { StreamStalls } from '../stalls.ts';
import { StreamLeg } from '../streams/streamleg.ts';
import { relayStreams } from '../streams/streamrelay.ts';
import type {
  Leg,
  Listener,
  LocalBinding,
  OnDatagram,
  Relay,
  RelayLimits,
  SocketMarks,
  Transport,
  UdpSide,
  UdpSocket,
  UnixListener,
} from '../transport.ts';
import { EngineBatch } from './enginebatch.ts';
import { DialWaits } from './enginedial.ts';
import { EngineLeg } from './engineleg.ts';
import { EngineListeners } from './enginelisteners.ts';
import { nativeOptions, type PipeOpening, type SocketOptions } from './engineoptions.ts';
import { EngineRelay, relayLegs, type RelayHome } from './enginerelay.ts';
import { EngineStalls } from './enginestalls.ts';
import { EngineUdp } from './engineudp.ts';
import { HandleTable } from './handletable.ts';

export interface EngineOptions {
  /** Threads that carry busy relays; one per core if absent. */
  readonly relayThreads?: number | undefined;
  /** Options of outgoing sockets. */
  readonly outgoing?: SocketOptions | undefined;
  /** `as-needed` if absent. */
  readonly pipes?: PipeOpening | undefined;
}

/** Closing it ends every leg, dial and relay at once and stops the threads. `unref`: its listeners keep no process alive. */
export type EngineTransport = Transport & { close(): void; unref(): void };

/** Throws if the system has no descriptors or threads left for it. */
export function createEngineTransport(addon: Addon, options: EngineOptions = {}): EngineTransport {
  return new Engine(addon, options);
}

class Engine implements Transport, RelayHome {
  readonly name = 'engine';
  readonly engine: NativeEngine;
  readonly batch: EngineBatch;
  readonly legs = new HandleTable<EngineLeg>();
  readonly own = { tcp: new OwnEnds(), udp: new OwnEnds() };
  readonly relays = new HandleTable<EngineRelay>();
  readonly released = new Set<Socket>();
  readonly streamStalls = new StreamStalls(monotonicMs);
  readonly stalls = new EngineStalls(this);
  readonly #listeners: EngineListeners;
  readonly #dials: DialWaits;
  readonly #udp: EngineUdp;

  constructor(addon: Addon, options: EngineOptions) {
    const threads = options.relayThreads ?? availableParallelism();
    const onBatch = (count: number): void => this.#take(count);
    this.engine = new addon.Engine(threads, ...nativeOptions(options.outgoing, options.pipes), onBatch);
    this.batch = new EngineBatch(this.engine.memory, new ZoneIndex(addon));
    this.#listeners = new EngineListeners(this, addon);
    this.#dials = new DialWaits(this);
    this.#udp = new EngineUdp(this);
  }

  // Async, so that what the system refuses is a rejection; the work itself is done when they return.
  // eslint-disable-next-line @typescript-eslint/require-await
  async listen(...asked: Parameters<Transport['listen']>): Promise<Listener> {
    return this.#listeners.listen(...asked);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async listenOn(...asked: Parameters<Transport['listenOn']>): Promise<Listener> {
    return this.#listeners.listenOn(...asked);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async listenUnix(...asked: Parameters<Transport['listenUnix']>): Promise<UnixListener> {
    return this.#listeners.listenUnix(...asked);
  }

  unref(): void {
    this.#listeners.unref();
  }

  openUdp(
    address: Endpoint,
    onDatagram: OnDatagram,
    side: UdpSide = 'client',
    marks: SocketMarks = {},
  ): Promise<UdpSocket> {
    return this.#udp.open(address, onDatagram, side, marks);
  }

  departureTo(to: Ip, { device, mark = 0 }: SocketMarks): Promise<Ip | undefined> {
    this.batch.putAddresses(to, undefined);
    const status = this.engine.departure(familyOf(to), device, mark);
    return Promise.resolve(status < 0 ? undefined : this.batch.scratchEndpoint(status).ip);
  }

  dial(destination: Endpoint, from: LocalBinding, deadline: Deadline): Promise<Leg> {
    return this.#dials.dial(destination, from, deadline);
  }

  relay(client: Leg, target: Leg, limits: RelayLimits): Relay {
    if (client instanceof EngineLeg && target instanceof EngineLeg)
      return relayLegs(this, this.#own(client), this.#own(target), limits);
    // Node moves the bytes of a pair that are not both the engine's.
    const [up, down] = [this.#release(client), this.#release(target)];
    return relayStreams(up, down, limits, this.streamStalls);
  }

  close(): void {
    const fault = new Fault('SHUTTING_DOWN');
    for (const relay of this.relays.list()) relay.end(relay.progress(), 'cut');
    this.#dials.rejectAll(fault);
    this.#listeners.forget();
    this.#udp.abandon();
    for (const leg of this.legs.list()) leg.abandon(fault);
    for (const socket of this.released) socket.destroy();
    this.engine.destroy();
  }

  /** Works off one batch of the engine. */
  #take(count: number): void {
    for (let at = 0; at < count; at++) {
      try {
        this.#takeRecord(at);
      } catch (error) {
        throwToProcess(error);
      }
    }
  }

  #takeRecord(at: number): void {
    const { batch } = this;
    const handle = batch.handle(at);
    switch (batch.kind(at)) {
      case KIND.ACCEPTED:
        this.#listeners.accept(at, handle);
        break;
      case KIND.READ:
        this.legs.get(handle)?.arrive(batch.length(at) > 0 ? batch.bytes(at) : undefined);
        break;
      case KIND.CONNECTED:
        this.#dials.settle(at, handle);
        break;
      case KIND.RESET:
        this.legs.get(handle)?.lose(batch.error(at));
        break;
      case KIND.DRAINED:
        this.legs.get(handle)?.drain();
        break;
      case KIND.RELAY_ENDED:
        this.relays.get(handle)?.end(batch.moved(at), batch.endedBy(at));
        break;
      case KIND.CROWDED:
        this.stalls.tell();
        break;
      case KIND.DATAGRAM:
        this.#udp.arrive(at, handle);
        break;
      case KIND.STARVED:
        this.#listeners.starve(handle, batch.error(at));
        break;
    }
  }

  #release(leg: Leg): Released {
    return (leg instanceof StreamLeg ? leg : this.#own(leg)).release();
  }

  #own(leg: Leg): EngineLeg {
    if (!(leg instanceof EngineLeg) || !leg.isOf(this)) throw new TypeError('leg of another transport');
    return leg;
  }
}
