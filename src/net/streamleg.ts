// A Leg over one net.Socket, for the time of the handshake. release() hands the socket on to the relay.
import type { Socket } from 'node:net';
import { Fault } from '../base/fault.ts';
import { parseIp, unmapIp, type Endpoint } from '../base/ip.ts';
import { Inbox } from './inbox.ts';
import { CLOSE_LINGER_MS, type CloseHow, type Leg } from './transport.ts';

/** What a leg leaves to the relay: the socket and what was read from it but not used. */
export interface Released {
  readonly socket: Socket;
  readonly unread: readonly Uint8Array[];
  /** FIN was already seen. */
  readonly finished: boolean;
  /** The peer has already reset. */
  readonly broken: boolean;
}

export class StreamLeg extends Inbox implements Leg {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #socket: Socket;

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
    super();
    this.#socket = socket;
    this.remote = remote;
    this.local = local;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
  }

  write(bytes: Uint8Array): void {
    this.mustBeOpen();
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  close(how: CloseHow): void {
    if (this.isGone) return;
    this.#forget();
    const socket = this.#socket;
    socket.on('error', () => socket.destroy());
    if (how === 'reset') resetNow(socket);
    else lingeringClose(socket);
  }

  /** Gives the socket away; the leg is closed from now on. */
  release(): Released {
    this.mustBeOpen();
    const unread = this.#forget();
    return { socket: this.#socket, unread, finished: this.isFinished, broken: this.#socket.destroyed };
  }

  protected pull(): 'later' {
    this.#socket.resume();
    return 'later';
  }

  readonly #onData = (bytes: Uint8Array): void => {
    this.accept(bytes);
    if (this.isFull) this.#socket.pause();
  };

  readonly #onEnd = (): void => this.accept(undefined);

  readonly #onError = (error: Error): void => this.fail(new Fault('PEER_RESET', error));

  #forget(): readonly Uint8Array[] {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('error', this.#onError);
    return this.letGo();
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
