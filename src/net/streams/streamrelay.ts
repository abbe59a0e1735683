// The relay of the streams transport, and of TLS: bytes, FIN and RST from each stream to the other, with bounded buffers.
import type { Released, StreamCarrier } from '../released.ts';
import type { StalledStreams, StreamStalls } from '../stalls.ts';
import type { CloseHow, EndedBy, Relay, RelayEnd, RelayLimits, RelayRate } from '../transport.ts';
import { RelayClock } from './relayclock.ts';
import { endingOf } from './streamend.ts';
import { StreamFlow } from './streamflow.ts';
import { lingeringClose } from './streamleg.ts';

/** Passes bytes between the streams of two legs until both directions have ended. */
export function relayStreams(
  client: Released,
  target: Released,
  limits: RelayLimits,
  stalls: StreamStalls,
): Relay {
  return new StreamRelay(client, target, limits, stalls);
}

type Side = 'client' | 'target';

class StreamRelay implements Relay, StalledStreams {
  readonly #client: StreamCarrier;
  readonly #target: StreamCarrier;
  readonly #clock: RelayClock;
  readonly #stalls: StreamStalls;
  readonly #up: StreamFlow;
  readonly #down: StreamFlow;
  #bytesUp = 0;
  #bytesDown = 0;
  #stop: number;
  #endedBy: EndedBy | undefined;
  #openStreams = 2;
  #onEnd: ((end: RelayEnd) => void) | undefined;

  constructor(client: Released, target: Released, limits: RelayLimits, stalls: StreamStalls) {
    this.#stalls = stalls;
    this.#client = client.carrier;
    this.#target = target.carrier;
    this.#stop = limits.stop ?? Infinity;
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

  get waitingBytes(): number {
    return this.#client.stream.writableLength + this.#target.stream.writableLength;
  }

  setRate({ up, down }: RelayRate): void {
    if (this.#clock.stopped) return;
    this.#up.setRate(up);
    this.#down.setRate(down);
  }

  setStop(bytes: number): void {
    if (this.#clock.stopped) return;
    this.#stop = Math.ceil(bytes);
    this.#up.goOn();
    this.#down.goOn();
  }

  whenEnded(listener: (end: RelayEnd) => void): void {
    this.#onEnd = listener;
    // The relay may have ended before a listener was given.
    if (this.#openStreams === 0) queueMicrotask(() => listener(this.#result()));
  }

  cut(how: CloseHow): void {
    this.#end('cut', how);
  }

  #flow(side: Side, bytesPerSecond: number): StreamFlow {
    const [from, to] = side === 'client' ? [this.#client, this.#target] : [this.#target, this.#client];
    return new StreamFlow(from.stream, to.stream, bytesPerSecond, {
      room: () => this.#stop - this.#bytesUp - this.#bytesDown,
      passed: (bytes) => {
        this.#clock.touch();
        this.#count(side, bytes);
      },
      held: () => this.#stalls.begin(this),
      finished: () => {
        this.#endedBy ??= `${side}-fin`;
        this.#clock.halfClose();
      },
    });
  }

  #start(side: Side, from: Released, flow: StreamFlow): void {
    const { stream } = from.carrier;
    stream.on('error', () => this.#end(`${side}-reset`, 'reset'));
    if (stream.closed) this.#closed();
    else stream.on('close', () => this.#closed());
    if (from.broken) this.#end(`${side}-reset`, 'reset');
    if (this.#clock.stopped) return;
    for (const bytes of from.unread) flow.pass(bytes);
    const to = side === 'client' ? this.#target : this.#client;
    to.stream.on('drain', () => {
      if (this.waitingBytes === 0) this.#stalls.end(this);
      flow.resume();
    });
    stream.on('data', (bytes: Uint8Array) => flow.pass(bytes));
    if (from.finished) flow.end();
    else {
      stream.on('end', () => {
        if (endingOf(stream) === 'fin') flow.end();
        else this.#end(`${side}-reset`, 'reset');
      });
    }
    flow.resume();
  }

  #count(side: Side, bytes: number): void {
    if (side === 'client') this.#bytesUp += bytes;
    else this.#bytesDown += bytes;
  }

  /** Ends both streams for a reason that outranks an orderly FIN; the first such reason is reported. */
  #end(endedBy: EndedBy, how: CloseHow): void {
    if (this.#clock.stopped) return;
    this.#clock.stop();
    this.#stalls.end(this);
    this.#up.stop();
    this.#down.stop();
    this.#endedBy = endedBy;
    for (const { stream, reset } of [this.#client, this.#target]) {
      stream.removeAllListeners('data');
      if (how === 'reset') reset();
      else lingeringClose(stream);
    }
  }

  #closed(): void {
    this.#openStreams -= 1;
    if (this.#openStreams > 0) return;
    this.#clock.stop();
    this.#stalls.end(this);
    this.#onEnd?.(this.#result());
  }

  #result(): RelayEnd {
    return { ...this.progress(), endedBy: this.#endedBy ?? 'cut' };
  }
}
