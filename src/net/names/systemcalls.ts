// Calls that hold a thread until a slow server has answered: few run at a time, and clients take turns, so that a
// long list of names delays only the client that asks for it. No client and no network gets all calls.
import { FairQueue } from '../../policy/room/fairqueue.ts';
import type { Owner } from '../../policy/room/owner.ts';

/**
 * Clients that may wait for a call, each with a question that may be given up: as many as there are look-ups, each
 * with two families.
 */
const MAX_CLAIMS = 8192;
const MAX_CLAIMS_PER_CLIENT = 64;

/** A question asked once for all clients that wait for it. */
export interface SystemQuestion {
  /** Settles when the call is over. Never rejects. */
  readonly call: () => Promise<void>;
  /** All clients that waited for the call have given way. */
  readonly giveUp: () => void;
  /** Waiting claims. */
  claims: number;
  hasBegun: boolean;
}

/** One client's turn for a question. */
interface Turn {
  readonly question: SystemQuestion;
  readonly owner: Owner;
}

export class SystemCalls {
  readonly #maxCalls: number;
  readonly #queue: FairQueue<Turn>;
  /** Running calls of each client and network, by key. */
  readonly #running = new Map<string, number>();
  #calls = 0;

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
    this.#queue = new FairQueue({
      max: MAX_CLAIMS,
      maxPerClient: MAX_CLAIMS_PER_CLIENT,
      gaveWay: ({ question }) => this.#drop(question),
    });
  }

  /**
   * The question is asked at the turn of `owner`, or of another client that waits for the same answer: a client that
   * asks for a name behind a long list of others does not delay those for whom it is the first.
   */
  claim(question: SystemQuestion, owner: Owner): void {
    if (question.hasBegun) return;
    question.claims += 1;
    if (this.#queue.push(owner, { question, owner })) this.#goOn();
    else this.#drop(question);
  }

  #drop(question: SystemQuestion): void {
    question.claims -= 1;
    if (question.claims === 0 && !question.hasBegun) question.giveUp();
  }

  #goOn(): void {
    while (this.#calls < this.#maxCalls) {
      const next = this.#queue.shift((key, whose) => (this.#running.get(key) ?? 0) >= this.#most(whose));
      if (next === undefined) return;
      if (!next.question.hasBegun) void this.#call(next);
    }
  }

  /** A client may hold half of the calls, a network all but one. */
  #most(whose: 'client' | 'network'): number {
    return Math.max(1, whose === 'client' ? Math.floor(this.#maxCalls / 2) : this.#maxCalls - 1);
  }

  async #call({ question, owner }: Turn): Promise<void> {
    question.hasBegun = true;
    this.#count(owner, 1);
    await question.call();
    this.#count(owner, -1);
    this.#goOn();
  }

  #count(owner: Owner, calls: 1 | -1): void {
    this.#calls += calls;
    for (const key of owner) {
      const running = (this.#running.get(key) ?? 0) + calls;
      if (running === 0) this.#running.delete(key);
      else this.#running.set(key, running);
    }
  }
}
