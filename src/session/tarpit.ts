// Answers to failed logins that are put off, so that guessing takes time. Each holds a connection: their number is bounded.
import type { Deadline } from '../base/deadline.ts';

/** Beyond it answers are given at once: nobody shall use up our descriptors by failing. */
const MAX_HELD = 256;

export class Tarpit {
  #held = 0;

  /** Settles after `delayMs`, or at once where too many are held; rejects with the fault that ends the deadline. */
  async hold(delayMs: number, deadline: Deadline): Promise<void> {
    if (delayMs === 0 || this.#held >= MAX_HELD) return;
    this.#held += 1;
    let timer: NodeJS.Timeout | undefined;
    try {
      await deadline.within(new Promise<void>((resolve) => (timer = setTimeout(resolve, delayMs))));
    } finally {
      clearTimeout(timer);
      this.#held -= 1;
    }
  }
}
