// One direction of a relay of the streams transport: bytes and FIN from one stream to the other, held back while the
// receiver is slow, or the rate or the stop of its relay is reached. At most what one read gave waits here, and what came before the relay.
// Meanwhile the sender is not read, so that Node notices its reset only afterwards (the engine sees it at once).
import type { Duplex } from 'node:stream';
import { monotonicMs } from '../../base/clock.ts';
import { RateBucket } from './ratebucket.ts';

/** What a direction tells its relay. */
interface FlowListener {
  /** Bytes that may still pass before the stop of the relay; Infinity: it has none. */
  room(): number;
  /** So many bytes were passed on. */
  passed(bytes: number): void;
  /** The receiver does not take them yet, and the sender is not read meanwhile. */
  held(): void;
  /** Everything was passed on, and FIN after it. */
  finished(): void;
}

const NOTHING = new Uint8Array(0);

export class StreamFlow {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #listener: FlowListener;
  /** Read, but not allowed to pass yet; empty without a rate or a stop. */
  #held: Uint8Array[] = [];
  #bucket: RateBucket | undefined;
  /** Until the rate allows more. */
  #timer: NodeJS.Timeout | undefined;
  /** For its rate, or for another stop, of which the relay tells. */
  #waits = false;
  #ended = false;

  /** Passes on from the next resume() on; `bytesPerSecond` as for setRate(). */
  constructor(from: Duplex, to: Duplex, bytesPerSecond: number, listener: FlowListener) {
    this.#from = from;
    this.#to = to;
    this.#listener = listener;
    this.setRate(bytesPerSecond);
  }

  /** Whether it waits for its rate or for another stop. */
  get throttled(): boolean {
    return this.#waits;
  }

  /** 0: no limit. What waits goes on at once as far as the new rate allows. */
  setRate(bytesPerSecond: number): void {
    if (bytesPerSecond === 0) this.#bucket = undefined;
    else if (this.#bucket === undefined) this.#bucket = new RateBucket(bytesPerSecond, monotonicMs());
    else this.#bucket.setRate(bytesPerSecond, monotonicMs());
    this.goOn();
  }

  /** There is another stop. */
  goOn(): void {
    if (this.throttled) this.#release();
  }

  /** Reads on, unless something else than the caller's reason is in the way. */
  resume(): void {
    if (!this.throttled && !this.#to.writableNeedDrain) this.#from.resume();
  }

  /** Bytes of `from`. */
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

  /** The relay is over: what is held is dropped. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waits = false;
    this.#held = [];
  }

  /** Passes on what rate and stop allow, and waits with the rest. */
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
    // Once FIN is asked for, nothing can be broken off any more: until all bytes are out, a reset has to be possible.
    if (this.#to.writableLength === 0) this.#to.end();
    else this.#to.write(NOTHING, () => this.#to.end());
  }
}
