// Many clients of a few addresses that say a greeting and nothing more, and come again when they are sent away.
import { connect, type Socket } from 'node:net';

/** The clients' loopback addresses by default. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];
const GREETING = Uint8Array.of(5, 1, 0);

export class Crowd {
  readonly #port: number;
  readonly #wanted: number;
  readonly #addresses: readonly string[];
  readonly #here = new Set<Socket>();
  /** Connections that were opened, and those that the server has ended. */
  opened = 0;
  sentAway = 0;

  constructor(port: number, wanted: number, addresses: readonly string[] = ADDRESSES) {
    this.#port = port;
    this.#wanted = wanted;
    this.#addresses = addresses;
  }

  get size(): number {
    return this.#here.size;
  }

  /** Opens connections that are missing, at most `most`; settles when each is connected or sent away. */
  async refill(most: number): Promise<void> {
    const missing = Math.min(most, this.#wanted - this.#here.size);
    await Promise.all(Array.from({ length: missing }, () => this.#open()));
  }

  /** Ends it. */
  disperse(): void {
    for (const socket of this.#here) socket.destroy();
  }

  async #open(): Promise<void> {
    this.opened += 1;
    const localAddress = this.#addresses[this.opened % this.#addresses.length];
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress });
    this.#here.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#here.delete(socket);
      this.sentAway += 1;
    });
    await new Promise<void>((resolve) => {
      socket.once('connect', () => {
        socket.write(GREETING);
        resolve();
      });
      socket.once('close', resolve);
    });
  }
}
