// The parties whose numbers have changed since a carrier asked last. Marks only: the numbers stay where they are counted, and are read
// when the carrier asks.
import { partyKeyOf, type Party } from './fact.ts';

/** Parties that are marked; beyond it the carrier has to tell all. */
const MAX_MARKED = 65_536;

export class Untold {
  /** undefined: no carrier follows, and nothing is marked. */
  #marked: Map<string, Party> | undefined;
  #overflowed = false;
  #onNews: () => void = () => undefined;

  /** `onNews` hears of the first mark since the last take(). */
  follow(onNews: () => void = () => undefined): void {
    this.#marked ??= new Map();
    this.#onNews = onNews;
  }

  mark(party: Party): void {
    if (this.#marked === undefined || this.#overflowed) return;
    const { scope, name } = party;
    this.#marked.set(partyKeyOf(party), { scope, name });
    if (this.#marked.size === 1) this.#onNews();
    if (this.#marked.size <= MAX_MARKED) return;
    this.#marked.clear();
    this.#overflowed = true;
  }

  /** Those that were marked since the last time; `all`: too many, or no carrier has followed. */
  take(): readonly Party[] | 'all' {
    if (this.#marked === undefined || this.#overflowed) {
      this.#overflowed = false;
      return 'all';
    }
    const parties = [...this.#marked.values()];
    this.#marked.clear();
    return parties;
  }
}
