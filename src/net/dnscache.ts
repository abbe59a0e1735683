// Answers about names of one family, kept while they hold: least recently used out first.
import type { Answer, Finding } from './namesource.ts';

interface Kept {
  readonly answer: Answer;
  readonly expiresAt: number;
}

export class DnsCache {
  readonly #capacity: number;
  readonly #now: () => number;
  /** In the order of use, the longest unused first: a Map keeps the order of insertion. */
  readonly #kept = new Map<string, Kept>();

  /** Holds up to `capacity` names; `now` is a monotonic clock in milliseconds. */
  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  /** The answer that still holds, if there is one. */
  get(name: string): Answer | undefined {
    const kept = this.#kept.get(name);
    if (kept === undefined) return undefined;
    this.#kept.delete(name);
    if (kept.expiresAt <= this.#now()) return undefined;
    this.#kept.set(name, kept);
    return kept.answer;
  }

  /** Keeps a finding for its time; one that holds for 0 ms is not kept. */
  put(name: string, finding: Finding): void {
    this.#kept.delete(name);
    if (finding.ttlMs === 0) return;
    this.#kept.set(name, { answer: finding.answer, expiresAt: this.#now() + finding.ttlMs });
    if (this.#kept.size > this.#capacity) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const name of this.#kept.keys()) {
      this.#kept.delete(name);
      return;
    }
  }
}
