// A Leg over one stream of Node, mostly a net.Socket, for the time of the handshake. release() hands it on to the relay.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import { unmapIp, type Endpoint } from '../../base/ip.ts';
import { ipOfSystem } from '../../base/zoned.ts';
import { Inbox } from '../inbox.ts';
import type { Released, StreamCarrier } from '../released.ts';
import { CLOSE_LINGER_MS, type CloseHow, type Leg, type LegTls } from '../transport.ts';
import { endingOf } from './streamend.ts';

export class StreamLeg extends Inbox implements Leg {
  readonly local: Endpoint;
  readonly tls: LegTls | undefined;
  readonly #carrier: StreamCarrier;
  readonly #stream: Duplex;
  #onDrained: (() => void) | undefined;

  /** undefined if the peer has already left: there is no client to serve. */
  static of(socket: Socket): StreamLeg | undefined {
    const remote = remoteEnd(socket);
    const local = localEnd(socket);
    if (remote !== undefined && local !== undefined) {
      return new StreamLeg({ stream: socket, reset: () => resetNow(socket) }, remote, local);
    }
    socket.on('error', () => undefined);
    socket.destroy();
    return undefined;
  }

  constructor(carrier: StreamCarrier, remote: Endpoint, local: Endpoint, tls?: LegTls) {
    super(remote);
    const { stream } = carrier;
    this.#carrier = carrier;
    this.#stream = stream;
    this.local = local;
    this.tls = tls;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
  }

  write(bytes: Uint8Array): void {
    this.mustBeOpen();
    if (this.#stream.writable) this.#stream.write(bytes, this.#onWritten);
  }

  whenDrained(listener: () => void): void {
    this.mustBeOpen();
    if (this.#stream.writableLength === 0) listener();
    else this.#onDrained = listener;
  }

  finish(): void {
    this.mustBeOpen();
    this.#stream.end();
  }

  close(how: CloseHow): void {
    if (this.isGone) return;
    this.#forget();
    const stream = this.#stream;
    stream.on('error', () => stream.destroy());
    if (how === 'reset') this.#carrier.reset();
    else lingeringClose(stream);
  }

  release(): Released {
    this.mustBeOpen();
    const unread = this.giveAway();
    this.#unlisten();
    return { carrier: this.#carrier, unread, finished: this.isFinished, broken: this.#stream.destroyed };
  }

  protected pull(): 'later' {
    this.#stream.resume();
    return 'later';
  }

  readonly #onData = (bytes: Uint8Array): void => {
    this.accept(bytes);
    if (this.isFull) this.#stream.pause();
  };

  readonly #onWritten = (error?: Error | null): void => {
    if (error || this.#stream.writableLength > 0) return;
    const listener = this.#onDrained;
    this.#onDrained = undefined;
    listener?.();
  };

  readonly #onEnd = (): void => {
    const ending = endingOf(this.#stream);
    if (ending === 'fin') this.accept(undefined);
    else this.#onError(ending);
  };

  readonly #onError = (error: Error): void =>
    this.fail(error instanceof Fault ? error : new Fault('PEER_RESET', error));

  #forget(): readonly Uint8Array[] {
    this.#unlisten();
    return this.letGo();
  }

  #unlisten(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('error', this.#onError);
    this.#onDrained = undefined;
  }
}

/** undefined: the socket has no remote address, or has lost it. */
export function remoteEnd(socket: Socket): Endpoint | undefined {
  return toEndpoint(socket.remoteAddress, socket.remotePort);
}

/** The same for the local address. */
export function localEnd(socket: Socket): Endpoint | undefined {
  return toEndpoint(socket.localAddress, socket.localPort);
}

/**
 * Sends RST now, or as soon as a FIN on its way has left: libuv refuses it until then (EINVAL), and closing instead
 * would end an incomplete stream by FIN.
 */
export function resetNow(socket: Socket): void {
  if (!socket.writableEnded || socket.writableFinished) {
    resetTcp(socket);
    return;
  }
  const timer = setTimeout(() => socket.destroy(), CLOSE_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('finish', () => resetTcp(socket));
}

/** A Unix socket has no reset, and Node throws. */
function resetTcp(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_HANDLE_TYPE') throw error;
    socket.destroy();
  }
}

/** Sends FIN, then discards what arrives until the peer's FIN, for a bounded time. */
export function lingeringClose(stream: Duplex): void {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), CLOSE_LINGER_MS);
  stream.once('close', () => clearTimeout(timer));
  stream.on('data', () => undefined);
  stream.resume();
  stream.end();
}

function toEndpoint(address: string | undefined, port: number | undefined): Endpoint | undefined {
  const ip = ipOfSystem(address ?? '');
  return ip === undefined || port === undefined ? undefined : { ip: unmapIp(ip), port };
}
