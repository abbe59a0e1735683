// Stalled relays: bytes wait for a receiver that does not take them. This file measures those of Node's streams;
// relief.ts decides which of them give way.
import type { Relay, Stall, StallWatch } from './transport.ts';

/** The measures of one direction over Node's streams. */
export interface StalledStreams {
  /** Bytes held by Node. */
  readonly waitingBytes: number;
}

/** The assumed socket buffers of a stalled relay: Node does not tell them. */
const KERNEL_BYTES_GUESSED = 512 * 1024;

/** The stalled relays over Node's streams. */
export class StreamStalls implements StallWatch {
  /** When each began, the longest stalled first. */
  readonly #since = new Map<Relay & StalledStreams, number>();
  readonly #now: () => number;
  #tellAt = 0;
  #listener: () => void = () => undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get count(): number {
    return this.#since.size;
  }

  begin(relay: Relay & StalledStreams): void {
    if (!this.#since.has(relay)) this.#since.set(relay, this.#now());
    if (this.#tellAt === 0 || this.count < this.#tellAt) return;
    this.#tellAt = 0;
    // Not while bytes are being passed on.
    queueMicrotask(this.#listener);
  }

  end(relay: Relay & StalledStreams): void {
    this.#since.delete(relay);
  }

  survey(tellAt: number, listener: () => void): ReadonlyMap<Relay, Stall> {
    this.#tellAt = tellAt;
    this.#listener = listener;
    const nowMs = this.#now();
    const stalls = new Map<Relay, Stall>();
    for (const [relay, sinceMs] of this.#since) {
      const heldBytes = relay.waitingBytes + KERNEL_BYTES_GUESSED;
      stalls.set(relay, { heldBytes, stalledMs: nowMs - sinceMs });
    }
    return stalls;
  }
}
