// Datagrams of one association: those that were passed on, for the metrics, and those that were not. Clients are not told (V5-35); the
// `ended` record counts what was dropped.

/** docs/logging.md describes each. */
export type DropReason =
  | 'stranger'
  | 'malformed'
  | 'fragment'
  | 'denied'
  | 'unresolved'
  | 'rate'
  | 'unanswered'
  | 'busy'
  | 'no-socket'
  | 'no-proxy'
  | 'no-udp'
  | 'too-long';

/** Number of datagrams by reason. */
type DropCounts = Readonly<Partial<Record<DropReason, number>>>;

export class Drops {
  #counts: Partial<Record<DropReason, number>> | undefined;
  readonly #passed = { up: 0, down: 0 };

  add(reason: DropReason, datagrams = 1): void {
    this.#counts ??= {};
    this.#counts[reason] = (this.#counts[reason] ?? 0) + datagrams;
  }

  /** One is passed on; gives its bytes back. */
  passing(direction: 'up' | 'down', bytes: number): number {
    this.#passed[direction] += 1;
    return bytes;
  }

  /** As the end of the association tells it. */
  get told(): {
    readonly datagrams: Readonly<Record<'up' | 'down', number>>;
    readonly dropped: DropCounts | undefined;
  } {
    return { datagrams: { ...this.#passed }, dropped: this.counts };
  }

  /** The counts so far; undefined when there are none. */
  get counts(): DropCounts | undefined {
    return this.#counts && { ...this.#counts };
  }
}
