// The socket of one association towards the targets of one family: opened when first needed, one for all of them, so
// that each target sees the same port.
import type { Endpoint } from '../base/ip.ts';
import type { UdpSocket } from '../net/transport.ts';
import { DatagramQueue } from './datagramqueue.ts';
import type { DropReason } from './drops.ts';

/** After a failure, so that a client without socket does not cost system calls for each datagram. */
const RETRY_MS = 1000;
const NO_HEAD = new Uint8Array(0);

export class OutsideSocket {
  /** Rejects where there is no port, descriptor or address for it. */
  readonly #open: () => Promise<UdpSocket>;
  readonly #onDrop: (reason: DropReason, datagrams: number) => void;
  readonly #now: () => number;
  readonly #waiting = new DatagramQueue<Endpoint>();
  #socket: UdpSocket | undefined;
  #state: 'unopened' | 'opening' | 'open' | 'closed' = 'unopened';
  #failedAtMs = -Infinity;

  constructor(
    open: () => Promise<UdpSocket>,
    onDrop: (reason: DropReason, datagrams: number) => void,
    now: () => number,
  ) {
    this.#open = open;
    this.#onDrop = onDrop;
    this.#now = now;
  }

  /** Sends `payload`, or keeps a copy until the socket is there; else says why it is dropped. */
  send(payload: Uint8Array, to: Endpoint): DropReason | undefined {
    if (this.#socket !== undefined) {
      this.#socket.send(NO_HEAD, payload, to);
      return undefined;
    }
    if (this.#now() - this.#failedAtMs < RETRY_MS) return 'no-socket';
    if (!this.#waiting.push(to, payload)) return 'busy';
    if (this.#state === 'unopened') this.#start();
    return undefined;
  }

  /** Nothing is sent from now on; an opening that is under way is undone. */
  close(): void {
    this.#state = 'closed';
    this.#socket?.close();
  }

  #start(): void {
    this.#state = 'opening';
    this.#open().then(
      (socket) => this.#begin(socket),
      () => this.#fail(),
    );
  }

  #begin(socket: UdpSocket): void {
    if (this.#state === 'closed') {
      socket.close();
      return;
    }
    this.#state = 'open';
    this.#socket = socket;
    for (const { tag, payload } of this.#takeAll()) socket.send(NO_HEAD, payload, tag);
  }

  #fail(): void {
    if (this.#state === 'closed') return;
    this.#state = 'unopened';
    this.#failedAtMs = this.#now();
    this.#onDrop('no-socket', this.#takeAll().length);
  }

  #takeAll(): ReturnType<DatagramQueue<Endpoint>['take']> {
    return this.#waiting.take(() => true);
  }
}
