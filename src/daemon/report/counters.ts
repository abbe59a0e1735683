// Sums over all sessions since the start.
import { additionsOf, eachMeasure, type MeasureName } from '../../observe/measures.ts';
import type { Report, SessionEvent } from '../../session/events.ts';

export class Counters {
  /** Totals without those of live sessions. */
  readonly totals: Record<MeasureName, number> = eachMeasure(() => 0);
  readonly #next: Report;
  readonly #additions = new Map<SessionEvent['kind'], ReturnType<typeof additionsOf>>();

  /** Counts, then passes each event on to `next`. */
  constructor(next: Report) {
    this.#next = next;
  }

  readonly report: Report = (event) => {
    for (const [name, amount] of this.#additionsOf(event.kind)) this.totals[name] += amount(event);
    this.#next(event);
  };

  #additionsOf(kind: SessionEvent['kind']): ReturnType<typeof additionsOf> {
    const known = this.#additions.get(kind);
    if (known !== undefined) return known;
    const additions = additionsOf(kind);
    this.#additions.set(kind, additions);
    return additions;
  }
}
