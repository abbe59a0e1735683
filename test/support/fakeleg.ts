// A leg without a socket: the test feeds it, and hears what is written.
import type { Fault } from '../../src/base/fault.ts';
import type { Endpoint } from '../../src/base/ip.ts';
import type { Arrival, Leg, Reader } from '../../src/net/transport.ts';
import { ip } from './ip.ts';

export class FakeLeg implements Leg {
  readonly local: Endpoint = { ip: ip('127.0.0.1'), port: 1080 };
  remote: Endpoint;
  readonly #onWrite: (bytes: Uint8Array, leg: FakeLeg) => void;
  readonly #arrivals: Arrival[] = [];
  #reader: Reader | undefined;
  #watcher: (fault: Fault) => void = () => undefined;

  constructor(remote: Endpoint, onWrite: (bytes: Uint8Array, leg: FakeLeg) => void) {
    this.remote = remote;
    this.#onWrite = onWrite;
  }

  introduce(client: Endpoint): void {
    this.remote = client;
  }

  /** undefined: FIN. */
  feed(arrival: Arrival): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#arrivals.push(arrival);
    else queueMicrotask(() => reader.arrive(arrival));
  }

  /** The other end goes while something else is waited for. */
  leave(fault: Fault): void {
    this.#watcher(fault);
  }

  receive(reader: Reader): Arrival | 'later' {
    if (this.#arrivals.length > 0) return this.#arrivals.shift();
    this.#reader = reader;
    return 'later';
  }

  read(): Promise<Arrival> {
    return new Promise((resolve, reject) => {
      const first = this.receive({ arrive: resolve, fail: reject });
      if (first !== 'later') resolve(first);
    });
  }

  unread(bytes: Uint8Array): void {
    this.#arrivals.unshift(bytes);
  }

  write(bytes: Uint8Array): void {
    this.#onWrite(bytes, this);
  }

  watch(listener: (fault: Fault) => void): void {
    this.#watcher = listener;
  }

  abort(fault: Fault): void {
    this.#reader?.fail(fault);
  }

  whenDrained(listener: () => void): void {
    listener();
  }

  whenReset(): void {}
  finish(): void {}
  close(): void {}

  release(): never {
    throw new TypeError('it has no socket');
  }
}
