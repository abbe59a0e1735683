// Bytes that have arrived on a leg and were not used yet, and the reader that waits for more: the part of a Leg that
// all transports share.
import { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { PlaceNumber } from '../policy/room/fairroom.ts';
import { CROWDED, READ_AHEAD, UNCOUNTED_BYTES } from './readahead.ts';
import { READ_AHEAD_LIMIT, type Arrival, type Leg, type Reader } from './transport.ts';

type FaultListener = (fault: Fault) => void;

export abstract class Inbox implements Pick<
  Leg,
  'remote' | 'introduce' | 'receive' | 'read' | 'unread' | 'abort' | 'whenReset' | 'watch'
> {
  #remote: Endpoint;
  /** Unused bytes; a list is allocated with the first of them. */
  #kept: Uint8Array[] | undefined;
  #keptBytes = 0;
  /** Place in READ_AHEAD, while more than UNCOUNTED_BYTES are kept. */
  #place: PlaceNumber | undefined;
  #finished = false;
  #fault: Fault | undefined;
  #reading: Reader | undefined;
  #onReset: FaultListener | undefined;
  /** Set while a listener watches. */
  #onFin: FaultListener | undefined;
  #gone = false;
  #released = false;

  constructor(remote: Endpoint) {
    this.#remote = remote;
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  introduce(client: Endpoint): void {
    this.mustBeOpen();
    this.#remote = client;
  }

  receive(reader: Reader): Arrival | Fault | 'later' {
    this.#mustBeIdle();
    if (this.#fault !== undefined) return this.#fault;
    const kept = this.#kept?.shift();
    if (kept !== undefined) {
      this.#count(-kept.length);
      return kept;
    }
    if (this.#finished) return undefined;
    const found = this.pull();
    if (found === 'later') this.#reading = reader;
    else if (found instanceof Fault) this.#fault = found;
    else this.#finished = found === undefined;
    return found;
  }

  read(): Promise<Arrival> {
    this.#mustBeIdle();
    return new Promise((resolve, reject) => {
      const found = this.receive({ arrive: resolve, fail: reject });
      if (found instanceof Fault) reject(found);
      else if (found !== 'later') resolve(found);
    });
  }

  unread(bytes: Uint8Array): void {
    this.mustBeOpen();
    if (bytes.length === 0) return;
    this.#kept = [bytes, ...(this.#kept ?? [])];
    this.#count(bytes.length);
  }

  abort(fault: Fault): void {
    if (this.#released) return;
    this.mustBeOpen();
    this.fail(fault);
  }

  whenReset(listener: FaultListener): void {
    this.mustBeOpen();
    this.#onReset = listener;
  }

  watch(listener: FaultListener): void {
    this.mustBeOpen();
    if (this.#reading !== undefined) throw new TypeError('a read is pending');
    this.#onReset = listener;
    this.#onFin = listener;
    if (this.#fault !== undefined) listener(this.#fault);
    else this.#readAhead();
  }

  /** The next arrival, if it is there; `later`: accept() or fail() will be called. */
  protected abstract pull(): Arrival | Fault | 'later';

  /** Takes bytes that arrived by themselves, or because pull() asked for them. */
  protected accept(arrival: Arrival): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (arrival === undefined) this.#finished = true;
    if (reading !== undefined) reading.arrive(arrival);
    else if (arrival !== undefined) this.#keep(arrival);
    if (this.#onFin !== undefined) this.#readAhead();
  }

  /** Ends reading; the first reason stays. */
  protected fail(fault: Fault): void {
    this.#fault ??= fault;
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined) reading.fail(fault);
    else if (fault.code === 'PEER_RESET') this.#onReset?.(fault);
  }

  protected get isGone(): boolean {
    return this.#gone;
  }

  /** FIN has arrived. */
  protected get isFinished(): boolean {
    return this.#finished;
  }

  /** The peer has reset. */
  protected get isReset(): boolean {
    return this.#fault?.code === 'PEER_RESET';
  }

  /** As many bytes are kept as may be. */
  protected get isFull(): boolean {
    return this.#keptBytes >= READ_AHEAD_LIMIT;
  }

  protected mustBeOpen(): void {
    if (this.#gone) throw new TypeError('leg is closed');
  }

  /** letGo() of a leg that is released: whoever has it now hears of deadlines. */
  protected giveAway(): readonly Uint8Array[] {
    this.#released = true;
    return this.letGo();
  }

  /** Closes the inbox. Returns the unused bytes. */
  protected letGo(): readonly Uint8Array[] {
    const kept = this.#kept ?? [];
    const reading = this.#reading;
    this.#gone = true;
    this.#giveBack();
    this.#kept = undefined;
    this.#reading = undefined;
    this.#onReset = undefined;
    this.#onFin = undefined;
    reading?.fail(new Fault('CLIENT_CLOSED'));
    return kept;
  }

  #mustBeIdle(): void {
    this.mustBeOpen();
    if (this.#reading !== undefined) throw new TypeError('one read at a time');
  }

  /** For a watcher: reads until there is nothing left, or enough. */
  #readAhead(): void {
    while (!this.#finished && this.#fault === undefined && !this.isFull) {
      const found = this.pull();
      if (found === 'later') return;
      if (found instanceof Fault) this.fail(found);
      else if (found === undefined) this.#finished = true;
      else this.#keep(found);
    }
    if (!this.#finished) return;
    this.#onFin?.(new Fault('CLIENT_CLOSED'));
    this.#onFin = undefined;
  }

  #keep(bytes: Uint8Array): void {
    // Mostly it is the first and the last: push() would make room for 17.
    if (this.#kept === undefined) this.#kept = [bytes];
    else this.#kept.push(bytes);
    this.#count(bytes.length);
  }

  #count(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#keptBytes > UNCOUNTED_BYTES) this.#claim();
    else this.#giveBack();
  }

  #claim(): void {
    if (this.#place !== undefined) {
      if (!READ_AHEAD.resize(this.#place, this.#keptBytes))
        this.#giveUp(new Fault('RESOURCES_EXHAUSTED', CROWDED));
      return;
    }
    this.#place = READ_AHEAD.take(this.remote.ip, this.#keptBytes, (fault) => {
      this.#place = undefined;
      this.#giveUp(fault);
    });
    if (this.#place === undefined) this.#giveUp(new Fault('RESOURCES_EXHAUSTED', CROWDED));
  }

  /** Kept bytes are lost, so the session cannot go on: its reader or watcher is told. */
  #giveUp(fault: Fault): void {
    this.#kept = undefined;
    this.#keptBytes = 0;
    this.#giveBack();
    const isRead = this.#reading !== undefined;
    this.fail(fault);
    if (!isRead) this.#onReset?.(fault);
  }

  #giveBack(): void {
    if (this.#place !== undefined) READ_AHEAD.release(this.#place);
    this.#place = undefined;
  }
}
