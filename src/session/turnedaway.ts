// Clients for whom there is no room: closed at once, and reported at most once per interval, with their number.
import type { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Report } from './events.ts';

const REPORT_INTERVAL_MS = 10_000;

export class TurnedAway {
  readonly #report: Report;
  #count = 0;
  #last: { client: Endpoint | undefined; fault: Fault } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: Report) {
    this.#report = report;
  }

  /** One more; `client` is undefined when it could not even be accepted. */
  note(client: Endpoint | undefined, fault: Fault): void {
    this.#count += 1;
    this.#last = { client, fault };
    if (this.#timer === undefined) this.#tell();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#last === undefined || this.#count === 0) return;
    this.#report({ kind: 'turnedAway', ...this.#last, count: this.#count });
    this.#count = 0;
    this.#timer = setTimeout(() => this.#tell(), REPORT_INTERVAL_MS);
    this.#timer.unref();
  }
}
