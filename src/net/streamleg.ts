// A Leg over one net.Socket, for the time of the handshake. release() hands the socket on to the relay.
import type { Socket } from 'node:net';
import { Fault } from '../base/fault.ts';
import { parseIp, unmapIp, type Endpoint } from '../base/ip.ts';
import { CLOSE_LINGER_MS, READ_AHEAD_LIMIT, type CloseHow, type Leg } from './transport.ts';

interface PendingRead {
  readonly resolve: (bytes: Uint8Array | undefined) => void;
  readonly reject: (fault: Fault) => void;
}

/** What a leg leaves to the relay: the socket and what was read from it but not used. */
export interface Released {
  readonly socket: Socket;
  readonly unread: readonly Uint8Array[];
  /** FIN was already seen. */
  readonly finished: boolean;
  /** The peer has already reset. */
  readonly broken: boolean;
}

export class StreamLeg implements Leg {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #finished = false;
  #fault: Fault | undefined;
  #reading: PendingRead | undefined;
  #onReset: ((fault: Fault) => void) | undefined;
  #onFin: ((fault: Fault) => void) | undefined;
  #gone = false;

  /** undefined when the peer has already left: there is nobody to serve. */
  static of(socket: Socket): StreamLeg | undefined {
    const remote = toEndpoint(socket.remoteAddress, socket.remotePort);
    const local = toEndpoint(socket.localAddress, socket.localPort);
    if (remote !== undefined && local !== undefined) return new StreamLeg(socket, remote, local);
    socket.on('error', () => undefined);
    socket.destroy();
    return undefined;
  }

  private constructor(socket: Socket, remote: Endpoint, local: Endpoint) {
    this.#socket = socket;
    this.remote = remote;
    this.local = local;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
  }

  read(): Promise<Uint8Array | undefined> {
    this.#mustBeOpen();
    if (this.#reading !== undefined) throw new TypeError('one read at a time');
    const next = this.#arrived.shift();
    if (next !== undefined) {
      this.#arrivedBytes -= next.length;
      return Promise.resolve(next);
    }
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    if (this.#finished) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#reading = { resolve, reject };
      this.#socket.resume();
    });
  }

  unread(bytes: Uint8Array): void {
    this.#mustBeOpen();
    if (bytes.length === 0) return;
    this.#arrived.unshift(bytes);
    this.#arrivedBytes += bytes.length;
  }

  write(bytes: Uint8Array): void {
    this.#mustBeOpen();
    if (this.#socket.writable) this.#socket.write(bytes);
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
    else if (this.#finished) this.#tellFin();
    else this.#socket.resume();
  }

  close(how: CloseHow): void {
    if (this.#gone) return;
    this.#letGo();
    const socket = this.#socket;
    socket.on('error', () => socket.destroy());
    if (how === 'reset') resetNow(socket);
    else lingeringClose(socket);
  }

  /** Gives the socket away; the leg is closed from now on. */
  release(): Released {
    this.#mustBeOpen();
    this.#letGo();
    return {
      socket: this.#socket,
      unread: this.#arrived,
      finished: this.#finished,
      broken: this.#socket.destroyed,
    };
  }

  readonly #onData = (bytes: Uint8Array): void => {
    const reading = this.#reading;
    if (reading !== undefined) {
      this.#reading = undefined;
      reading.resolve(bytes);
      return;
    }
    this.#arrived.push(bytes);
    this.#arrivedBytes += bytes.length;
    if (this.#arrivedBytes >= READ_AHEAD_LIMIT) this.#socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#finished = true;
    this.#tellFin();
    this.#reading?.resolve(undefined);
    this.#reading = undefined;
  };

  readonly #onError = (error: Error): void => {
    this.#fail(new Fault('PEER_RESET', error));
  };

  #tellFin(): void {
    this.#onFin?.(new Fault('CLIENT_CLOSED'));
    this.#onFin = undefined;
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
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('error', this.#onError);
    this.#reading?.reject(new Fault('CLIENT_CLOSED'));
    this.#reading = undefined;
    this.#onReset = undefined;
    this.#onFin = undefined;
  }

  #mustBeOpen(): void {
    if (this.#gone) throw new TypeError('leg is closed');
  }
}

/**
 * RST now. While a FIN is on its way libuv refuses that (EINVAL), and the socket would stay open for ever: it is closed
 * instead, and the peer gets its RST for whatever it still sends.
 */
export function resetNow(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/** FIN now; then throw away what comes until the peer's FIN, for a bounded time. */
export function lingeringClose(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), CLOSE_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('data', () => undefined);
  socket.resume();
  socket.end();
}

function toEndpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  const ip = parseIp(address?.replace(/%.*$/, '') ?? '');
  return ip === undefined || port === undefined ? undefined : { ip: unmapIp(ip), port };
}
