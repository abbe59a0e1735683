// The order in which TLS handshakes begin. Each costs the one thread of Node about a millisecond, so clients take turns, each
// begins only so many in a second, and after each handshake the thread has as long for everything else.
import { monotonicMs } from '../../base/clock.ts';
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { FairQueue } from '../../policy/room/fairqueue.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** Handshakes that one client begins in a second; more wait, up to the time limit of the antechamber. */
const PER_CLIENT_PER_SECOND = 64;

/** As many as there are guests. */
const MAX_WAITING = 1024;
const MAX_WAITING_PER_CLIENT = 256;

interface Waiter {
  readonly client: string;
  readonly begin: () => void;
  readonly refuse: () => void;
  isGone: boolean;
}

export class HandshakeTurns {
  readonly #now: () => number;
  readonly #after: (milliseconds: number, then: () => void) => void;
  readonly #queue = new FairQueue<Waiter>({
    max: MAX_WAITING,
    maxPerClient: MAX_WAITING_PER_CLIENT,
    gaveWay: (waiter) => waiter.refuse(),
  });
  /** Handshakes begun in this second, by client; no more entries than can begin in a second. */
  readonly #begun = new Map<string, number>();
  #second = 0;
  #isDue = false;
  /** When the next one may begin. */
  #freeAtMs = 0;

  constructor(
    now: () => number = monotonicMs,
    after: (milliseconds: number, then: () => void) => void = (milliseconds, then) =>
      void setTimeout(then, milliseconds),
  ) {
    this.#now = now;
    this.#after = after;
  }

  /** Settles when it is the turn of `owner`. Rejects with PRESSED_OUT or the fault of the deadline. */
  wait(owner: Owner, deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        client: owner.at(-1) ?? '',
        begin: () => {
          forget();
          resolve();
        },
        refuse: () => {
          forget();
          reject(new Fault('PRESSED_OUT', 'too many TLS handshakes of this client wait'));
        },
        isGone: false,
      };
      const forget = deadline.whenEnded((fault) => {
        waiter.isGone = true;
        reject(fault);
      });
      if (!this.#queue.push(owner, waiter)) waiter.refuse();
      else this.#goOn();
    });
  }

  /** Runs a costly part of a handshake that has begun. */
  measure<T>(work: () => T): T {
    const startMs = this.#now();
    try {
      return work();
    } finally {
      const endMs = this.#now();
      this.#freeAtMs = Math.max(this.#freeAtMs, startMs) + 2 * (endMs - startMs);
    }
  }

  #goOn(): void {
    if (this.#isDue || this.#queue.size === 0) return;
    this.#isDue = true;
    this.#after(Math.max(0, this.#freeAtMs - this.#now()), () => {
      this.#isDue = false;
      // An earlier handshake may have used the thread while this timer waited.
      if (this.#freeAtMs <= this.#now()) this.#beginOne();
      this.#goOn();
    });
  }

  #beginOne(): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#begun.clear();
    this.#second = second;
    const waiter = this.#queue.shift(
      (key, whose) => whose === 'client' && (this.#begun.get(key) ?? 0) >= PER_CLIENT_PER_SECOND,
    );
    if (waiter === undefined) this.#freeAtMs = (second + 1) * 1000;
    else if (!waiter.isGone) {
      this.#begun.set(waiter.client, (this.#begun.get(waiter.client) ?? 0) + 1);
      waiter.begin();
    }
  }
}
