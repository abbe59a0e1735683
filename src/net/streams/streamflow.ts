// One direction of a relay of the streams transport: bytes and FIN from one stream to the other, held back while the
// receiver is slow, or while the rate or the stop of the relay is reached. It holds at most the bytes of one read,
// and those from before the relay. Meanwhile the sender is not read, so Node notices its reset only later (the engine
// notices at once).
import type { Duplex } from 'node:stream';
import { monotonicMs } from '../../base/clock.ts';
import { RateBucket } from './ratebucket.ts';

/** The callbacks of a direction to its relay. */
interface FlowListener {
  /** Bytes that may pass before the stop of the relay; Infinity: there is no stop. */
  room(): number;
  /** `bytes` were passed on. */
  passed(bytes: number): void;
  /** The receiver is slow, and the sender is not read meanwhile. */
  held(): void;
  /** Everything was passed on, FIN included. */
  finished(): void;
}

const NOTHING = new Uint8Array(0);

export class StreamFlow {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #listener: FlowListener;
  /** Bytes read that may not pass yet; empty without a rate or a stop. */
  #held: Uint8Array[] = [];
  #bucket: RateBucket | undefined;
  /** Runs until the rate allows more. */
  #timer: NodeJS.Timeout | undefined;
  /** Waiting for the rate, or for a new stop, which the relay announces. */
  #waits = false;
  #ended = false;

  /** Begins to pass bytes at the first resume(); `bytesPerSecond` as for setRate(). */
  constructor(from: Duplex, to: Duplex, bytesPerSecond: number, listener: FlowListener) {
    this.#from = from;
    this.#to = to;
    this.#listener = listener;
    this.setRate(bytesPerSecond);
  }

  /** Whether the direction waits for its rate or for another stop. */
  get throttled(): boolean {
    return this.#waits;
  }

  /** 0: no limit. Waiting bytes pass at once, as far as the new rate allows. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === 0) this.#bucket = undefined;
    else if (this.#bucket === undefined) this.#bucket = new RateBucket(bytesPerSecond, monotonicMs());
    else this.#bucket.setRate(bytesPerSecond, monotonicMs());
    this.goOn();
  }

  /** The stop has changed. */
  goOn(): void {
    if (this.throttled) this.#release();
  }

  /** Reads again, unless another reason than the caller's forbids it. */
  resume(): void {
    if (!this.throttled && !this.#to.writableNeedDrain) this.#from.resume();
  }

  /** Takes bytes of `from`. */
  pass(bytes: Uint8Array): void {
    if (this.#bucket === undefined && !this.#waits && bytes.length <= this.#listener.room()) {
      this.#forward(bytes);
      return;
    }
    this.#held.push(bytes);
    if (!this.throttled) this.#release();
  }

  /** `from` has sent its last byte. */
  end(): void {
    this.#ended = true;
    if (!this.throttled) this.#finish();
  }

  /** The relay is over: held bytes are dropped. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waits = false;
    this.#held = [];
  }

  /** Passes on as much as rate and stop allow, and holds the rest. */
  #release(): void {
    clearTimeout(this.#timer);
    this.#waits = false;
    for (let first = this.#held.shift(); first !== undefined; first = this.#held.shift()) {
      const rated = this.#bucket?.allowance(monotonicMs()) ?? Infinity;
      const allowed = Math.max(0, Math.min(rated, this.#listener.room(), first.length));
      if (allowed < first.length) this.#held.unshift(first.subarray(allowed));
      if (allowed > 0) this.#forward(first.subarray(0, allowed));
      if (allowed < first.length) {
        this.#wait();
        return;
      }
    }
    if (this.#ended) this.#finish();
    else this.resume();
  }

  #wait(): void {
    this.#from.pause();
    this.#waits = true;
    if (this.#bucket === undefined || this.#listener.room() <= 0) return;
    this.#timer = setTimeout(() => this.#release(), this.#bucket.waitMs(monotonicMs()));
  }

  #forward(bytes: Uint8Array): void {
    this.#bucket?.spend(bytes.length);
    this.#listener.passed(bytes.length);
    if (this.#to.write(bytes)) return;
    this.#from.pause();
    this.#listener.held();
  }

  #finish(): void {
    this.#listener.finished();
    // After end() a stream can no longer be reset, and a reset has to be possible until all bytes are out.
    if (this.#to.writableLength === 0) this.#to.end();
    else this.#to.write(NOTHING, () => this.#to.end());
  }
}
