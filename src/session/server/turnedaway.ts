// Clients for whom there is no room: each cause is reported at once, and then at most once per interval, with its number.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Report } from '../events.ts';

const REPORT_INTERVAL_MS = 10_000;

/** Clients that one cause has turned away since the last report. */
interface Tally {
  count: number;
  client: Endpoint | undefined;
  fault: Fault;
}

export class TurnedAway {
  readonly #report: Report;
  /** By cause, of which there are as many as limits and rules; a reported one stays for the interval, with a count of 0. */
  readonly #tallies = new Map<string, Tally>();
  #timer: NodeJS.Timeout | undefined;

  constructor(report: Report) {
    this.#report = report;
  }

  /** One more; `client` is undefined when it could not even be accepted. */
  note(client: Endpoint | undefined, fault: Fault): void {
    const cause = causeOf(fault);
    const known = this.#tallies.get(cause);
    const tally = known ?? { count: 0, client, fault };
    tally.count += 1;
    tally.client = client;
    tally.fault = fault;
    if (known !== undefined) return;
    this.#tallies.set(cause, tally);
    this.#tell(tally);
    this.#timer ??= this.#newTimer();
  }

  /** Reports the remaining counts, at the end of the server. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const tally of this.#tallies.values()) if (tally.count > 0) this.#tell(tally);
  }

  #tell(tally: Tally): void {
    const { client, fault, count } = tally;
    tally.count = 0;
    this.#report({ kind: 'turnedAway', client, fault, count });
  }

  /** The interval is over: tells what came in it, and forgets causes that were silent. */
  #turn(): void {
    this.#timer = undefined;
    for (const [cause, tally] of this.#tallies) {
      if (tally.count === 0) this.#tallies.delete(cause);
      else this.#tell(tally);
    }
    if (this.#tallies.size > 0) this.#timer = this.#newTimer();
  }

  #newTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#turn(), REPORT_INTERVAL_MS).unref();
  }
}

/** Errors of the system differ in what they carry, and are one cause. */
function causeOf({ code, cause }: Fault): string {
  return typeof cause === 'string' ? `${code} ${cause}` : code;
}
