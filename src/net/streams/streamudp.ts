// UDP sockets over node:dgram, which every platform has.
import { createSocket, type Socket } from 'node:dgram';
import { familyOf, unmapIp, type Endpoint } from '../../base/ip.ts';
import { ipOfSystem } from '../../base/zoned.ts';
import { marksFault } from '../errors.ts';
import type { OnDatagram, SocketMarks, UdpSide, UdpSocket } from '../transport.ts';

/** Bytes that may wait in the process while the kernel takes none, for one socket and for all; more are lost. */
const MAX_QUEUED_BYTES = 1_048_576;
const MAX_QUEUED_BYTES_OF_ALL = 16 * 1_048_576;

/** For all sockets. */
let queuedBytes = 0;

/**
 * The room of one socket: a part of the free room, so that the sum stays below its bound however many sockets there
 * are, and a socket with an empty queue has room beside any number of full ones (Choudhury and Hahne, 1998).
 */
function queueLimit(): number {
  return Math.min(MAX_QUEUED_BYTES, (MAX_QUEUED_BYTES_OF_ALL - queuedBytes) / 8);
}

/** As Transport.openUdp(). */
export function openStreamUdp(
  address: Endpoint,
  onDatagram: OnDatagram,
  side: UdpSide = 'client',
  marks: SocketMarks = {},
): Promise<UdpSocket> {
  const objection = side === 'client' ? undefined : marksFault(marks);
  if (objection !== undefined) return Promise.reject(objection);
  const isIpv6 = familyOf(address.ip) === 6;
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, lookup: lookUpNothing });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      // Node leaves a socket open that could not be bound.
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ address: address.ip, port: address.port, exclusive: true }, () => {
      socket.off('error', fail);
      // An ICMP error of one peer does not concern the others.
      socket.on('error', () => undefined);
      resolve(new StreamUdp(socket, { ip: address.ip, port: socket.address().port }, onDatagram));
    });
  });
}

/** Node looks every address up, and needs another turn of the loop even for a literal one. */
function lookUpNothing(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, address.includes(':') ? 6 : 4);
}

class StreamUdp implements UdpSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  #queuedBytes = 0;
  #closed = false;

  constructor(socket: Socket, local: Endpoint, onDatagram: OnDatagram) {
    this.#socket = socket;
    this.local = local;
    socket.on('message', (bytes, { address, port }) => {
      const ip = ipOfSystem(address);
      if (ip !== undefined && !this.#closed) onDatagram(bytes, { ip: unmapIp(ip), port });
    });
  }

  send(head: Uint8Array, payload: Uint8Array, to: Endpoint): void {
    // Node throws for port 0, which a client may name.
    const size = head.length + payload.length;
    if (this.#closed || to.port === 0 || this.#queuedBytes + size > queueLimit()) return;
    this.#count(size);
    // A copy, because a queued datagram is read later.
    this.#socket.send(Buffer.concat([head, payload]), to.port, to.ip, () => this.#count(-size));
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    queuedBytes += bytes;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
