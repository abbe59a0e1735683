// A leg as a stream of Node: for TLS, which is spoken over one, and for relays of which the engine does not have both sides.
// No more waits in it than Node's streams keep by themselves.
import { Duplex } from 'node:stream';
import type { Fault } from '../base/fault.ts';
import type { Released } from './streamleg.ts';
import type { Leg } from './transport.ts';

/** What a leg leaves to a relay of streams. */
export function streamOf(leg: Leg): Released {
  const stream = new LegStream(leg);
  return { carrier: { stream, reset: () => stream.reset() }, unread: [], finished: false, broken: false };
}

/** A leg keeps more than that for a slow peer, but not everything. */
const MOST_AT_ONCE = 65_536;

type Done = (error?: Error | null) => void;

/** Takes the leg. Its error is the fault of the leg. */
export class LegStream extends Duplex {
  readonly #leg: Leg;
  readonly #onFin: (() => void) | undefined;

  /**
   * `onFin`: for what tells of its ends itself, as TLS does. It hears of FIN, which is no end of the stream then; and ours is
   * sent when all is over, because proxies between may take it for that.
   */
  constructor(leg: Leg, onFin?: () => void) {
    super();
    this.#leg = leg;
    this.#onFin = onFin;
    leg.whenReset((fault) => this.destroy(fault));
  }

  /** Ends it by RST, now. */
  reset(): void {
    this.#leg.close('reset');
    this.destroy();
  }

  override _read(): void {
    this.#leg.read().then(
      (bytes) => {
        if (this.destroyed) return;
        if (bytes === undefined && this.#onFin !== undefined) this.#onFin();
        else this.push(bytes ?? null);
      },
      (fault: unknown) => this.destroy(fault as Fault),
    );
  }

  override _write(bytes: Uint8Array, _encoding: string, done: Done): void {
    try {
      this.#send(bytes, done);
    } catch (error) {
      // The transport was closed, and the leg with it.
      done(error as Error);
    }
  }

  /** In one piece: each costs a system call. */
  override _writev(pieces: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this._write(Buffer.concat(pieces.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Done): void {
    if (this.#onFin === undefined) this.#leg.finish();
    done();
  }

  /** Whoever stops in the middle breaks the stream off. */
  override _destroy(error: Error | null, done: Done): void {
    this.#leg.close(this.writableFinished ? 'fin' : 'reset');
    done(error);
  }

  #send(bytes: Uint8Array, done: Done): void {
    this.#leg.write(bytes.subarray(0, MOST_AT_ONCE));
    const rest = bytes.subarray(MOST_AT_ONCE);
    this.#leg.whenDrained(rest.length === 0 ? done : () => this.#send(rest, done));
  }
}
