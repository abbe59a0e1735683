// One kind of question to a source of names: what is kept, and what is on its way so that nobody asks the same twice.
import type { DnsCache } from './dnscache.ts';
import type { Finding } from './namesource.ts';

/** Asks the source; never rejects. */
type AskSource<Subject, T> = (subject: Subject) => Promise<Finding<T>>;

export class Questions<Subject extends string, T> {
  readonly #askSource: AskSource<Subject, T>;
  readonly #cache: DnsCache<T>;
  readonly #open = new Map<Subject, Promise<T>>();

  constructor(askSource: AskSource<Subject, T>, cache: DnsCache<T>) {
    this.#askSource = askSource;
    this.#cache = cache;
  }

  /** The answer that still holds, if there is one. */
  known(subject: Subject): T | undefined {
    return this.#cache.get(subject);
  }

  /** Joins the question about `subject` that is on its way, or asks. Never rejects. */
  ask(subject: Subject): Promise<T> {
    return this.#open.get(subject) ?? this.#askAnew(subject);
  }

  #askAnew(subject: Subject): Promise<T> {
    const answer = this.#askSource(subject).then((finding) => {
      this.#open.delete(subject);
      this.#cache.put(subject, finding);
      return finding.answer;
    });
    this.#open.set(subject, answer);
    return answer;
  }
}
