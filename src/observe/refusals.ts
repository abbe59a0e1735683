// Refusals in the log: each client has some records of its own at first, and then one each minute with the number of each
// cause. So a client that is refused thousands of times a second fills neither the log nor the room before it.
import { monotonicMs } from '../base/clock.ts';
import { ownerOf } from '../policy/room/owner.ts';
import { RecordBudget, type RecordPlan, type Together } from '../policy/room/recordbudget.ts';
import type { Report, SessionEvent } from '../session/events.ts';
import { countsText } from './lines/record.ts';
import type { Log } from './log.ts';
import { EVENTS } from './sessionlog.ts';

export const INTERVAL_MS = 60_000;

/** Records of single events in one interval. Failed logins have more: fail2ban counts their records. */
export const RECORD_PLANS = {
  refused: { perClient: 20, perNetwork: 100, inAll: 1000 },
  stranger: { perClient: 20, perNetwork: 100, inAll: 1000 },
  loginFailed: { perClient: 100, perNetwork: 500, inAll: 5000 },
} as const satisfies Record<string, RecordPlan>;

type RefusalKind = keyof typeof RECORD_PLANS;
type Refusal = Extract<SessionEvent, { readonly kind: RefusalKind }>;

export class Refusals {
  readonly #log: Log;
  readonly #next: Report;
  readonly #budgets: ReadonlyMap<RefusalKind, RecordBudget>;
  #timer: NodeJS.Timeout | undefined;

  /** Events that get a record of their own, and all that are no refusals, go to `next`. */
  constructor(log: Log, next: Report) {
    this.#log = log;
    this.#next = next;
    const kinds = Object.keys(RECORD_PLANS) as RefusalKind[];
    this.#budgets = new Map(kinds.map((kind) => [kind, new RecordBudget(RECORD_PLANS[kind])]));
  }

  readonly report: Report = (event) => {
    if (!isRefusal(event) || this.#hasRecord(event)) this.#next(event);
  };

  /** Logs the counts, at the end of an interval and of the daemon. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [kind, budget] of this.#budgets) {
      for (const together of budget.end()) this.#tellTogether(kind, together);
    }
  }

  /** Refusals below the log level are not counted either. */
  #hasRecord(event: Refusal): boolean {
    const { kind, session, fault } = event;
    if (!this.#log.enabled(EVENTS[kind].level)) return false;
    this.#timer ??= setTimeout(() => this.tell(), INTERVAL_MS).unref();
    const count = event.kind === 'stranger' ? event.count : 1;
    return (
      this.#budgets.get(kind)?.take(ownerOf(session.client.ip), fault.code, monotonicMs(), count) ?? true
    );
  }

  #tellTogether(kind: RefusalKind, { who, count, counts, sinceMs }: Together): void {
    const { name, level } = EVENTS[kind];
    const secs = Math.ceil((monotonicMs() - sinceMs) / 1000);
    const fields = { client: who, count, secs, why: countsText(counts) };
    this.#log.write(level, `${name}-more`, fields, TEXTS[who === undefined ? 'rest' : 'one']);
  }
}

const TEXTS = {
  one: 'these had no records of their own, because there were too many before them within a minute',
  rest: 'these had no records of their own, because there were too many of all clients together within a minute',
};

/** Compared one by one: every session asks. */
function isRefusal(event: SessionEvent): event is Refusal {
  const { kind } = event;
  return kind === 'refused' || kind === 'stranger' || kind === 'loginFailed';
}
