// Calls that hold a thread until a slow server has answered: a few run at a time, and whose question comes next goes by turns, so
// that nobody waits for the list of somebody else. No client has all calls, and no network.
import { FairQueue } from '../../policy/room/fairqueue.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** Clients that wait for a call, for which a question may have to be given up; as many as look-ups wait, of each two families. */
const MAX_CLAIMS = 8192;
const MAX_CLAIMS_PER_CLIENT = 64;

/** What is asked once, for all clients who want to know. */
export interface SystemQuestion {
  /** Settles when the call is over. Never rejects. */
  readonly call: () => Promise<void>;
  /** Nobody waits for a call any more: all of them had to give way. */
  readonly giveUp: () => void;
  /** Claims that wait. */
  claims: number;
  hasBegun: boolean;
}

/** One client's turn for a question. */
interface Claim {
  readonly question: SystemQuestion;
  readonly owner: Owner;
}

export class SystemCalls {
  readonly #maxCalls: number;
  readonly #queue: FairQueue<Claim>;
  /** Calls of each client and network that has any, by key. */
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
   * The question is asked when it is the turn of `owner`, or of another client who wants to know the same: who asks for a name
   * behind a long list of others does not hold up those for whom it is the first.
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

  /** Half of the calls for a client; all but one for a network. */
  #most(whose: 'client' | 'network'): number {
    return Math.max(1, whose === 'client' ? Math.floor(this.#maxCalls / 2) : this.#maxCalls - 1);
  }

  async #call({ question, owner }: Claim): Promise<void> {
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
