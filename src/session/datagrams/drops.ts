// Datagrams of one association that were not passed on. Clients are not told (V5-35); the `ended` record counts them.

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

  add(reason: DropReason, datagrams = 1): void {
    this.#counts ??= {};
    this.#counts[reason] = (this.#counts[reason] ?? 0) + datagrams;
  }

  /** The counts so far; undefined when there are none. */
  get counts(): DropCounts | undefined {
    return this.#counts && { ...this.#counts };
  }
}
