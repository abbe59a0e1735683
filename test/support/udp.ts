// UDP sockets for the far ends of what is under test.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import type { OnDatagram, Transport, UdpSocket } from '../../src/net/transport.ts';
import { at } from './legs.ts';

export interface Datagram {
  readonly bytes: Buffer;
  readonly from: Endpoint;
}

const BUFFER_BYTES = 1_048_576;

/** A bound socket of node:dgram that keeps what it receives. */
export class UdpPeer {
  readonly socket: Socket;
  readonly local: Endpoint;
  readonly #arrived: Datagram[] = [];
  #wake: () => void = () => undefined;

  constructor(socket: Socket, local: Endpoint) {
    this.socket = socket;
    this.local = local;
    socket.on('message', (bytes: Buffer, { address, port }: RemoteInfo) => {
      this.#arrived.push({ bytes, from: at(port, address) });
      this.#wake();
    });
  }

  /** Resolves when the kernel has the datagram. */
  send(bytes: Uint8Array | string, to: Endpoint): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(bytes, to.port, to.ip, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** The next `count` datagrams, in the order of their arrival. */
  async take(count: number): Promise<Datagram[]> {
    while (this.#arrived.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#arrived.splice(0, count);
  }
}

/** Closed at the end of the test. */
export async function udpPeer(t: ExecutionContext, host = '127.0.0.1'): Promise<UdpPeer> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: BUFFER_BYTES });
  t.teardown(() => socket.close());
  socket.bind({ address: host, port: 0 });
  await once(socket, 'listening');
  return new UdpPeer(socket, at(socket.address().port, host));
}

/** One that sends back what it gets. */
export async function udpEcho(t: ExecutionContext, host?: string): Promise<UdpPeer> {
  const echo = await udpPeer(t, host);
  echo.socket.on('message', (bytes, { address, port }) => echo.socket.send(bytes, port, address));
  return echo;
}

/** A socket of `transport`; closed at the end of the test. */
export async function openUdp(
  t: ExecutionContext,
  transport: Transport,
  onDatagram: OnDatagram,
  host = '127.0.0.1',
): Promise<UdpSocket> {
  const socket = await transport.openUdp(at(0, host), onDatagram);
  t.teardown(() => socket.close());
  return socket;
}

/** One of `transport` that sends back what it gets. */
export async function openEcho(
  t: ExecutionContext,
  transport: Transport,
  host = '127.0.0.1',
): Promise<UdpSocket> {
  const echo: UdpSocket = await openUdp(
    t,
    transport,
    (bytes, from) => echo.send(new Uint8Array(), bytes, from),
    host,
  );
  return echo;
}
