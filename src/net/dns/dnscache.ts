// Answers to one kind of question, kept while they hold: least recently used out first.
import { putLatest } from '../../base/latest.ts';
import type { Finding } from './namesource.ts';

interface Kept<T> {
  readonly answer: T;
  readonly expiresAt: number;
}

export class DnsCache<T> {
  readonly #capacity: number;
  readonly #now: () => number;
  /** Least recently used first: a Map keeps the order of insertion. */
  readonly #kept = new Map<string, Kept<T>>();

  /** Holds up to `capacity` answers; `now` is a monotonic clock in milliseconds. */
  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  /** The answer, unless it has expired. */
  get(subject: string): T | undefined {
    const kept = this.#kept.get(subject);
    if (kept === undefined) return undefined;
    this.#kept.delete(subject);
    if (kept.expiresAt <= this.#now()) return undefined;
    this.#kept.set(subject, kept);
    return kept.answer;
  }

  /** Keeps a finding until it expires; one with 0 ms is not kept. */
  put(subject: string, finding: Finding<T>): void {
    if (finding.ttlMs === 0) {
      this.#kept.delete(subject);
      return;
    }
    const kept = { answer: finding.answer, expiresAt: this.#now() + finding.ttlMs };
    putLatest(this.#kept, subject, kept, this.#capacity);
  }
}
