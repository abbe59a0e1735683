// The relay of the streams transport: bytes, FIN and RST from each socket to the other, with bounded buffers.
import type { Socket } from 'node:net';
import { RelayClock } from './relayclock.ts';
import { lingeringClose, resetNow, type Released, type StreamLeg } from './streamleg.ts';
import type { CloseHow, EndedBy, Relay, RelayEnd, RelayLimits } from './transport.ts';

/** Takes both sockets out of their legs and passes bytes until both directions have ended. */
export function relayStreams(client: StreamLeg, target: StreamLeg, limits: RelayLimits): Relay {
  return new StreamRelay(client.release(), target.release(), limits);
}

type Side = 'client' | 'target';

class StreamRelay implements Relay {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #clock: RelayClock;
  #bytesUp = 0;
  #bytesDown = 0;
  #endedBy: EndedBy | undefined;
  #openSockets = 2;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  constructor(client: Released, target: Released, limits: RelayLimits) {
    this.#client = client.socket;
    this.#target = target.socket;
    this.#clock = new RelayClock(limits, (limit) => this.#end(limit, 'fin'));
    this.#pass('client', client, target.socket);
    this.#pass('target', target, client.socket);
  }

  progress(): { bytesUp: number; bytesDown: number } {
    return { bytesUp: this.#bytesUp, bytesDown: this.#bytesDown };
  }

  whenEnded(listener: (end: RelayEnd) => void): void {
    this.#onEnd = listener;
    // It may have ended before anybody listened.
    if (this.#openSockets === 0) queueMicrotask(() => listener(this.#result()));
  }

  cut(how: CloseHow): void {
    this.#end('cut', how);
  }

  #pass(side: Side, from: Released, to: Socket): void {
    const { socket } = from;
    socket.on('error', () => this.#end(`${side}-reset`, 'reset'));
    if (socket.closed) this.#closed();
    else socket.on('close', () => this.#closed());
    if (from.broken) this.#end(`${side}-reset`, 'reset');
    if (this.#clock.stopped) return;
    const forward = (bytes: Uint8Array): void => {
      this.#clock.touch();
      this.#count(side, bytes.length);
      if (!to.write(bytes)) socket.pause();
    };
    const finish = (): void => {
      this.#endedBy ??= `${side}-fin`;
      this.#clock.halfClose();
      to.end();
    };
    for (const bytes of from.unread) forward(bytes);
    to.on('drain', () => socket.resume());
    socket.on('data', forward);
    if (from.finished) finish();
    else socket.on('end', finish);
    if (!to.writableNeedDrain) socket.resume();
  }

  #count(side: Side, bytes: number): void {
    if (side === 'client') this.#bytesUp += bytes;
    else this.#bytesDown += bytes;
  }

  /** Ends both sockets for a reason that outranks an orderly FIN; the first such reason stays. */
  #end(endedBy: EndedBy, how: CloseHow): void {
    if (this.#clock.stopped) return;
    this.#clock.stop();
    this.#endedBy = endedBy;
    for (const socket of [this.#client, this.#target]) {
      socket.removeAllListeners('data');
      if (how === 'reset') resetNow(socket);
      else lingeringClose(socket);
    }
  }

  #closed(): void {
    this.#openSockets -= 1;
    if (this.#openSockets > 0) return;
    this.#clock.stop();
    this.#onEnd?.(this.#result());
  }

  #result(): RelayEnd {
    return { ...this.progress(), endedBy: this.#endedBy ?? 'cut' };
  }
}
