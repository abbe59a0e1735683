// The state of a source of logins: the results of its questions, and whether the last one was answered.
import type { Clock } from '../cache.ts';
import type { SourceLog, SourceStatus } from './source.ts';

export class Standing {
  readonly #name: string;
  readonly #log: SourceLog;
  readonly #clock: Clock;
  #state: 'untried' | 'up' | 'down' = 'untried';
  #since = 0;
  #why: string | undefined;
  #asked = 0;
  #unanswered = 0;

  constructor(name: string, log: SourceLog, clock: Clock) {
    this.#name = name;
    this.#log = log;
    this.#clock = clock;
  }

  /** A question left. */
  asked(): void {
    this.#asked += 1;
  }

  /** A question was answered, or the source could be reached. */
  up(): void {
    this.#move('up', undefined);
  }

  /** A question got no answer. */
  unanswered(why: string): void {
    this.#unanswered += 1;
    this.down(why);
  }

  down(why: string): void {
    this.#move('down', why);
  }

  status(waiting: number): SourceStatus {
    return {
      name: this.#name,
      state: this.#state,
      seconds: this.#state === 'untried' ? undefined : (this.#clock() - this.#since) / 1000,
      asked: this.#asked,
      unanswered: this.#unanswered,
      waiting,
      detail: this.#why,
    };
  }

  /** Reported when it changes; the first `up` is not. */
  #move(state: 'up' | 'down', why: string | undefined): void {
    const before = this.#state;
    this.#why = why;
    if (before === state) return;
    this.#state = state;
    this.#since = this.#clock();
    if (before !== 'untried' || state === 'down') this.#log.changed(this.#name, state, why);
  }
}
