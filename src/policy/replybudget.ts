// What one association may send to one address before, and for, what comes back from there. An address that never
// answers did not ask for any of it.

/** Both in bytes; 0 switches a limit off. */
export interface ReplyLimits {
  /** To an address that has never answered. */
  readonly unansweredBytes: number;
  /** More for each byte that came from there. */
  readonly replyRatio: number;
}

/** IPv4 and UDP headers: a flood of empty datagrams is a flood, too. */
const OVERHEAD = 28;

export class ReplyBudget {
  #sent: number;
  #received = 0;

  /** `debt`: what debt() of a budget before it said. */
  constructor(debt = 0) {
    this.#sent = debt;
  }

  /** Whether a datagram of `size` bytes may be sent; it is counted if so. */
  spend(limits: ReplyLimits, size: number): boolean {
    const sent = this.#sent + size + OVERHEAD;
    if (sent > this.#allowed(limits)) return false;
    this.#sent = sent;
    return true;
  }

  /** A datagram of `size` bytes came back. */
  earn(size: number): void {
    this.#received += size + OVERHEAD;
  }

  /** Bytes that were sent and are not made up for by answers. */
  debt({ replyRatio }: ReplyLimits): number {
    if (replyRatio === 0 && this.#received > 0) return 0;
    return Math.max(0, this.#sent - replyRatio * this.#received);
  }

  #allowed({ unansweredBytes, replyRatio }: ReplyLimits): number {
    if (unansweredBytes === 0) return Infinity;
    if (replyRatio === 0 && this.#received > 0) return Infinity;
    return unansweredBytes + replyRatio * this.#received;
  }
}
