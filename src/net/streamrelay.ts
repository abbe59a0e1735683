// The relay of the streams transport: bytes, FIN and RST from each socket to the other, with bounded buffers.
import type { Socket } from 'node:net';
import { RelayClock } from './relayclock.ts';
import { StreamFlow } from './streamflow.ts';
import { lingeringClose, resetNow, type Released, type StreamLeg } from './streamleg.ts';
import type { CloseHow, EndedBy, Relay, RelayEnd, RelayLimits, RelayRate } from './transport.ts';

/** Takes both sockets out of their legs and passes bytes until both directions have ended. */
export function relayStreams(client: StreamLeg, target: StreamLeg, limits: RelayLimits): Relay {
  return new StreamRelay(client.release(), target.release(), limits);
}

type Side = 'client' | 'target';

class StreamRelay implements Relay {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #clock: RelayClock;
  readonly #up: StreamFlow;
  readonly #down: StreamFlow;
  #bytesUp = 0;
  #bytesDown = 0;
  #endedBy: EndedBy | undefined;
  #openSockets = 2;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  constructor(client: Released, target: Released, limits: RelayLimits) {
    this.#client = client.socket;
    this.#target = target.socket;
    this.#clock = new RelayClock(
      limits,
      (limit) => this.#end(limit, 'fin'),
      () => this.#up.throttled || this.#down.throttled,
    );
    this.#up = this.#flow('client', limits.rate?.up ?? 0);
    this.#down = this.#flow('target', limits.rate?.down ?? 0);
    this.#start('client', client, this.#up);
    this.#start('target', target, this.#down);
  }

  progress(): { bytesUp: number; bytesDown: number } {
    return { bytesUp: this.#bytesUp, bytesDown: this.#bytesDown };
  }

  setRate({ up, down }: RelayRate): void {
    if (this.#clock.stopped) return;
    this.#up.setRate(up);
    this.#down.setRate(down);
  }

  whenEnded(listener: (end: RelayEnd) => void): void {
    this.#onEnd = listener;
    // It may have ended before anybody listened.
    if (this.#openSockets === 0) queueMicrotask(() => listener(this.#result()));
  }

  cut(how: CloseHow): void {
    this.#end('cut', how);
  }

  #flow(side: Side, bytesPerSecond: number): StreamFlow {
    const [from, to] = side === 'client' ? [this.#client, this.#target] : [this.#target, this.#client];
    return new StreamFlow(from, to, bytesPerSecond, {
      passed: (bytes) => {
        this.#clock.touch();
        this.#count(side, bytes);
      },
      finished: () => {
        this.#endedBy ??= `${side}-fin`;
        this.#clock.halfClose();
      },
    });
  }

  #start(side: Side, from: Released, flow: StreamFlow): void {
    const { socket } = from;
    socket.on('error', () => this.#end(`${side}-reset`, 'reset'));
    if (socket.closed) this.#closed();
    else socket.on('close', () => this.#closed());
    if (from.broken) this.#end(`${side}-reset`, 'reset');
    if (this.#clock.stopped) return;
    for (const bytes of from.unread) flow.pass(bytes);
    const to = side === 'client' ? this.#target : this.#client;
    to.on('drain', () => flow.resume());
    socket.on('data', (bytes) => flow.pass(bytes));
    if (from.finished) flow.end();
    else socket.on('end', () => flow.end());
    flow.resume();
  }

  #count(side: Side, bytes: number): void {
    if (side === 'client') this.#bytesUp += bytes;
    else this.#bytesDown += bytes;
  }

  /** Ends both sockets for a reason that outranks an orderly FIN; the first such reason stays. */
  #end(endedBy: EndedBy, how: CloseHow): void {
    if (this.#clock.stopped) return;
    this.#clock.stop();
    this.#up.stop();
    this.#down.stop();
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
