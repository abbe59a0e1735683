// A Leg over one handle of the engine, for the time of the handshake. release() hands it on to a relay.
import { constants } from 'node:os';
import { concatBytes } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import { NATIVE_CLOSE, type NativeEngine } from './addon.ts';
import type { EngineBatch } from './enginebatch.ts';
import { errnoName } from './errno.ts';
import { READ_AHEAD_LIMIT, type CloseHow, type Leg } from './transport.ts';

const NO_BYTES = new Uint8Array();
const WAIT = -constants.errno.EAGAIN;

/** What all legs of one transport share. */
export interface LegHome {
  readonly engine: NativeEngine;
  readonly batch: EngineBatch;
  readonly legs: Map<number, EngineLeg>;
}

interface PendingRead {
  readonly resolve: (bytes: Uint8Array | undefined) => void;
  readonly reject: (fault: Fault) => void;
}

export class EngineLeg implements Leg {
  readonly remote: Endpoint;
  readonly #home: LegHome;
  readonly #handle: number;
  #local: Endpoint | undefined;
  /** Read but not used; a list only while there is something. */
  #unread: Uint8Array[] | undefined;
  #finished = false;
  #fault: Fault | undefined;
  #reading: PendingRead | undefined;
  #onReset: ((fault: Fault) => void) | undefined;
  #onFin: ((fault: Fault) => void) | undefined;
  #gone = false;

  /** `local` undefined: asked for when somebody wants to know. */
  constructor(home: LegHome, handle: number, remote: Endpoint, local: Endpoint | undefined) {
    this.#home = home;
    this.#handle = handle;
    this.remote = remote;
    this.#local = local;
    home.legs.set(handle, this);
  }

  get local(): Endpoint {
    this.#local ??= this.#askLocal();
    return this.#local;
  }

  read(): Promise<Uint8Array | undefined> {
    this.#mustBeOpen();
    if (this.#reading !== undefined) throw new TypeError('one read at a time');
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const next = this.#unread?.shift();
    if (next !== undefined) return Promise.resolve(next);
    return this.#finished ? Promise.resolve(undefined) : this.#receive();
  }

  unread(bytes: Uint8Array): void {
    this.#mustBeOpen();
    if (bytes.length > 0) this.#unread = [bytes, ...(this.#unread ?? [])];
  }

  write(bytes: Uint8Array): void {
    this.#mustBeOpen();
    // An aborted leg still speaks: only a reset makes that pointless.
    if (this.#fault?.code === 'PEER_RESET' || bytes.length === 0) return;
    const status = this.#home.engine.write(this.#handle, bytes);
    // Nobody who writes expects to be told in the middle of it.
    if (status < 0) queueMicrotask(() => this.lose(-status));
  }

  abort(fault: Fault): void {
    this.#mustBeOpen();
    this.#fail(fault);
  }

  whenReset(listener: (fault: Fault) => void): void {
    this.#mustBeOpen();
    this.#onReset = listener;
  }

  watch(listener: (fault: Fault) => void): void {
    this.#mustBeOpen();
    this.#onReset = listener;
    this.#onFin = listener;
    if (this.#fault !== undefined) listener(this.#fault);
    else this.#readAhead();
  }

  close(how: CloseHow): void {
    if (this.#gone) return;
    this.#letGo();
    this.#home.engine.close(this.#handle, NATIVE_CLOSE[how]);
  }

  /** Whether it belongs to that transport. */
  isOf(home: LegHome): boolean {
    return this.#home === home;
  }

  /** The engine has read: bytes, or undefined for FIN. */
  arrive(bytes: Uint8Array | undefined): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (bytes === undefined) this.#finished = true;
    if (reading !== undefined) reading.resolve(bytes);
    else if (bytes !== undefined) this.#unread = [...(this.#unread ?? []), bytes];
    if (this.#onFin !== undefined) this.#readAhead();
  }

  /** The engine has seen a reset or another error of the connection. */
  lose(errno: number): void {
    if (!this.#gone) this.#fail(new Fault('PEER_RESET', errnoName(errno)));
  }

  /** Takes the handle and the bytes not used away from this leg, which is closed from now on. */
  release(): { readonly handle: number; readonly early: Uint8Array | undefined } {
    this.#mustBeOpen();
    this.#letGo();
    const early = this.#unread?.reduce(concatBytes, NO_BYTES);
    this.#unread = undefined;
    return { handle: this.#handle, early };
  }

  /** The engine is closed, and this leg with it. */
  abandon(fault: Fault): void {
    this.#fail(fault);
    this.#letGo();
  }

  #receive(): Promise<Uint8Array | undefined> {
    const size = this.#home.engine.read(this.#handle);
    if (size > 0) return Promise.resolve(this.#home.batch.scratchBytes(size));
    if (size === WAIT) return new Promise((resolve, reject) => (this.#reading = { resolve, reject }));
    if (size === 0) {
      this.#finished = true;
      return Promise.resolve(undefined);
    }
    this.#fault = new Fault('PEER_RESET', errnoName(-size));
    return Promise.reject(this.#fault);
  }

  /** For watch(): reads until there is nothing, or enough. */
  #readAhead(): void {
    while (!this.#finished && this.#fault === undefined && this.#unreadBytes() < READ_AHEAD_LIMIT) {
      const size = this.#home.engine.read(this.#handle);
      if (size === WAIT) return;
      if (size < 0) this.lose(-size);
      else if (size === 0) this.#finished = true;
      else this.#unread = [...(this.#unread ?? []), this.#home.batch.scratchBytes(size)];
    }
    if (!this.#finished) return;
    this.#onFin?.(new Fault('CLIENT_CLOSED'));
    this.#onFin = undefined;
  }

  #unreadBytes(): number {
    return this.#unread?.reduce((sum, { length }) => sum + length, 0) ?? 0;
  }

  #askLocal(): Endpoint {
    this.#mustBeOpen();
    const packed = this.#home.engine.local(this.#handle);
    if (packed < 0) throw new Fault('PEER_RESET', errnoName(-packed));
    return this.#home.batch.scratchEndpoint(packed);
  }

  #fail(fault: Fault): void {
    this.#fault ??= fault;
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined) reading.reject(fault);
    else if (fault.code === 'PEER_RESET') this.#onReset?.(fault);
  }

  #letGo(): void {
    this.#gone = true;
    this.#home.legs.delete(this.#handle);
    this.#reading?.reject(new Fault('CLIENT_CLOSED'));
    this.#reading = undefined;
    this.#onReset = undefined;
    this.#onFin = undefined;
  }

  #mustBeOpen(): void {
    if (this.#gone) throw new TypeError('leg is closed');
  }
}
