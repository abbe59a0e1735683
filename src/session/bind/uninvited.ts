// Uninvited peers at the port of one BIND: the first is reported at once, the rest together when the waiting is over. So peers
// cannot fill the log by connecting.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Report, SessionFacts } from '../events.ts';

export class Uninvited {
  readonly #session: SessionFacts;
  readonly #report: Report;
  #isFirstTold = false;
  /** Peers since the last report. */
  #count = 0;
  #last: { readonly peer: Endpoint; readonly fault: Fault } | undefined;

  constructor(session: SessionFacts, report: Report) {
    this.#session = session;
    this.#report = report;
  }

  /** Counts one more; `fault` says why it is not let in. */
  note(peer: Endpoint, fault: Fault): void {
    this.#count += 1;
    this.#last = { peer, fault };
    if (this.#isFirstTold) return;
    this.#isFirstTold = true;
    this.tell();
  }

  /** Reports the peers not reported yet, with the last of them; for the end of the waiting. */
  tell(): void {
    const count = this.#count;
    if (this.#last === undefined || count === 0) return;
    this.#count = 0;
    this.#report({ kind: 'stranger', session: this.#session, ...this.#last, count });
  }
}
