// Plain sockets for the far ends of what is under test.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { endingOf } from '../../src/net/streams/streamend.ts';

/** Reads a socket piece by piece without losing what comes between two reads. */
export class Wire {
  readonly socket: Socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      this.#wake();
    });
    socket.on('end', () => {
      const ending = endingOf(socket);
      if (ending === 'fin') this.#ended = true;
      else this.#error = ending;
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Exactly `size` bytes; rejects when the stream ends first. */
  async take(size: number): Promise<Buffer> {
    while (this.#buffer.length < size) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) throw new Error(`ended after ${this.#buffer.length} of ${size} bytes`);
      await this.#change();
    }
    const taken = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return taken;
  }

  /** Everything up to FIN; rejects on reset. */
  async rest(): Promise<Buffer> {
    while (!this.#ended && this.#error === undefined) await this.#change();
    if (this.#error !== undefined) throw this.#error;
    const rest = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    return rest;
  }

  /** 'fin' or 'reset': how the stream ends, whatever comes before. */
  async ending(): Promise<'fin' | 'reset'> {
    try {
      await this.rest();
      return 'fin';
    } catch {
      return 'reset';
    }
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

/** The same at a Unix socket. */
export async function dialUnixWire(path: string): Promise<Wire> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  return new Wire(socket);
}

/** `from`: the address of ours; undefined: the system's choice. */
export async function dialWire(port: number, host = '127.0.0.1', from?: string): Promise<Wire> {
  const socket = connect({ port, host, localAddress: from, allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  return new Wire(socket);
}

export interface Target {
  readonly port: number;
  readonly server: Server;
  /** The next accepted connection. */
  accept(): Promise<Wire>;
  close(): void;
}

/** A server that hands out its connections one by one. */
export async function listenTarget(host = '127.0.0.1'): Promise<Target> {
  const waiting: ((wire: Wire) => void)[] = [];
  const arrived: Wire[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    const wire = new Wire(socket);
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(wire);
    else taker(wire);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    accept: () => {
      const wire = arrived.shift();
      return wire === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(wire);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A port without a listener, which no other test can open: one that was free a moment ago may be taken now. */
export const CLOSED_PORT = 1;

/** Below the ports that the kernel gives to whoever asks for any: net.ipv4.ip_local_port_range begins at 32768. */
const OWN_PORTS = { low: 12_000, high: 32_000 } as const;

/** A port of this host without a listener, which no other socket gets before the test has bound it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(OWN_PORTS.low, OWN_PORTS.high);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
