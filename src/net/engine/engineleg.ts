// A Leg over one handle of the engine, for the time of the handshake. handOver() gives it to a relay of the engine, release() to
// Node.js.
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { concatBytes } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import { Inbox } from '../inbox.ts';
import type { NativeEngine } from '../native/addon.ts';
import { NATIVE_CLOSE } from '../native/enginelayout.ts';
import { errnoName } from '../native/errno.ts';
import type { OwnEnd } from '../ownends.ts';
import type { Released } from '../released.ts';
import { streamOf } from '../streams/legstream.ts';
import { resetNow } from '../streams/streamleg.ts';
import type { Arrival, CloseHow, Leg, OwnSockets } from '../transport.ts';
import type { EngineBatch } from './enginebatch.ts';
import type { HandleTable } from './handletable.ts';

const NO_BYTES = new Uint8Array();
const WAIT = -constants.errno.EAGAIN;

/** State shared by all legs of one transport. */
export interface LegHome {
  readonly engine: NativeEngine;
  readonly batch: EngineBatch;
  readonly legs: HandleTable<EngineLeg>;
  readonly own: OwnSockets;
  /** Connections that were given to Node.js, while they are open. */
  readonly released: Set<Socket>;
}

export class EngineLeg extends Inbox implements Leg {
  readonly handle: number;
  /** The local end of a dialled leg, which is forgotten at its close. */
  ownEnd: OwnEnd | undefined;
  readonly #home: LegHome;
  #local: Endpoint | undefined;
  #waiting = false;
  #onDrained: (() => void) | undefined;

  /** `local` undefined: it is asked for when first needed. */
  constructor(home: LegHome, handle: number, remote: Endpoint, local: Endpoint | undefined) {
    super(remote);
    this.#home = home;
    this.handle = handle;
    this.#local = local;
    home.legs.add(this);
  }

  get local(): Endpoint {
    this.#local ??= this.#askLocal();
    return this.#local;
  }

  write(bytes: Uint8Array): void {
    this.mustBeOpen();
    // An aborted leg can still write; only a reset makes writing pointless.
    if (this.isReset) return;
    const { engine, batch } = this.#home;
    for (let at = 0; at < bytes.length;) {
      const size = batch.putBytes(bytes, at);
      const status = engine.write(this.handle, size);
      this.#waiting = status !== 0;
      if (status < 0) {
        // A writer does not expect its callback inside the call.
        queueMicrotask(() => this.lose(-status));
        return;
      }
      at += size;
    }
  }

  whenDrained(listener: () => void): void {
    this.mustBeOpen();
    if (this.#waiting) this.#onDrained = listener;
    else listener();
  }

  finish(): void {
    this.mustBeOpen();
    this.#home.engine.finish(this.handle);
  }

  close(how: CloseHow): void {
    if (this.isGone) return;
    this.#forget();
    this.#forgetEnd();
    this.#home.engine.close(this.handle, NATIVE_CLOSE[how]);
  }

  /** Whether the leg belongs to that transport. */
  isOf(home: LegHome): boolean {
    return this.#home === home;
  }

  /** The engine has read bytes. */
  arrive(arrival: Arrival): void {
    this.accept(arrival);
  }

  /** The kernel has taken all written bytes. */
  drain(): void {
    const listener = this.#onDrained;
    this.#waiting = false;
    this.#onDrained = undefined;
    listener?.();
  }

  /** The engine has seen a reset or another error of the connection. */
  lose(errno: number): void {
    if (!this.isGone) this.fail(resetFault(errno));
  }

  release(): Released {
    this.mustBeOpen();
    const descriptor = this.#home.engine.detach(this.handle);
    // Rarely does anything wait to be sent; the leg then goes on carrying the stream.
    if (descriptor < 0) return streamOf(this);
    const broken = this.isReset;
    const unread = this.giveAway();
    this.#unlist();
    const socket = this.#socketOf(descriptor);
    return { carrier: { stream: socket, reset: () => resetNow(socket) }, unread, finished: false, broken };
  }

  /** Takes the handle and the unused bytes from this leg, which is closed afterwards. */
  handOver(): {
    readonly handle: number;
    readonly ownEnd: OwnEnd | undefined;
    readonly early: Uint8Array | undefined;
  } {
    this.mustBeOpen();
    const unused = this.#forget();
    return {
      handle: this.handle,
      ownEnd: this.ownEnd,
      early: unused.length === 0 ? undefined : unused.reduce(concatBytes, NO_BYTES),
    };
  }

  /** The engine is closed, and this leg with it. */
  abandon(fault: Fault): void {
    this.fail(fault);
    this.#forget();
    this.#forgetEnd();
  }

  protected pull(): Arrival | Fault | 'later' {
    const size = this.#home.engine.read(this.handle);
    if (size > 0) return this.#home.batch.scratchBytes(size);
    if (size === WAIT) return 'later';
    return size === 0 ? undefined : resetFault(-size);
  }

  #askLocal(): Endpoint {
    this.mustBeOpen();
    const packed = this.#home.engine.local(this.handle);
    if (packed < 0) throw new Fault('PEER_RESET', errnoName(-packed));
    return this.#home.batch.scratchEndpoint(packed);
  }

  #socketOf(descriptor: number): Socket {
    const { released } = this.#home;
    const socket = new Socket({ fd: descriptor, allowHalfOpen: true, readable: true, writable: true });
    // Accepted ones have it from their listener; the engine sets it late for others.
    if (this.ownEnd !== undefined) socket.setNoDelay(true);
    released.add(socket);
    socket.once('close', () => {
      released.delete(socket);
      this.#forgetEnd();
    });
    return socket;
  }

  #forgetEnd(): void {
    if (this.ownEnd !== undefined) this.#home.own.tcp.remove(this.ownEnd);
    this.ownEnd = undefined;
  }

  #forget(): readonly Uint8Array[] {
    this.#unlist();
    return this.letGo();
  }

  #unlist(): void {
    this.#home.legs.remove(this.handle);
    this.#onDrained = undefined;
  }
}

function resetFault(errno: number): Fault {
  return new Fault('PEER_RESET', errnoName(errno));
}
