// Sums over all sessions since the start, for SIGUSR1.
import type { Report, SessionEvent } from '../session/events.ts';

export class Counters {
  accepted = 0;
  refused = 0;
  ended = 0;
  turnedAway = 0;
  loginsFailed = 0;
  bytesUp = 0;
  bytesDown = 0;
  readonly #next: Report;

  /** Counts, then passes each event on to `next`. */
  constructor(next: Report) {
    this.#next = next;
  }

  readonly report: Report = (event) => {
    this.#count(event);
    this.#next(event);
  };

  #count(event: SessionEvent): void {
    switch (event.kind) {
      case 'accepted':
        this.accepted += 1;
        return;
      case 'refused':
        this.refused += 1;
        return;
      case 'turnedAway':
        this.turnedAway += event.count;
        return;
      case 'loginFailed':
        this.loginsFailed += 1;
        return;
      case 'ended':
        this.ended += 1;
        this.bytesUp += event.bytesUp;
        this.bytesDown += event.bytesDown;
        return;
      case 'banned':
      case 'listening':
      case 'stranger':
      case 'connected':
        return;
    }
  }
}
