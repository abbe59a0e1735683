// Questions for one source: a bounded number is put at a time; the others wait in a bounded, fair queue, and none waits for
// longer than an answer may take.
import { Fault } from '../../base/fault.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import { Turns } from '../../policy/room/turns.ts';
import type { Clock } from '../cache.ts';
import type { Question, Verdict } from './source.ts';

/** Questions of all clients that wait for one source, and those of one client. */
const MAX_WAITING = 128;
const MAX_WAITING_PER_CLIENT = 16;

export interface QuestionsPlan {
  /** Questions at a time. */
  readonly maxRunning: number;
  /** Whether one more can be put now; default: always. */
  readonly canPut?: () => boolean;
  /** Puts a question to the source. Rejects with a fault where it could not be put. */
  readonly put: (question: Question) => Promise<Verdict>;
  /** A question that has waited for longer is not put. */
  readonly timeoutMs: number;
}

interface Asked {
  readonly question: Question;
  readonly sinceMs: number;
  readonly answer: (verdict: Verdict) => void;
  readonly refuse: (fault: unknown) => void;
}

export class Questions {
  readonly #plan: QuestionsPlan;
  readonly #clock: Clock;
  readonly #turns: Turns<Asked>;
  #running = 0;
  #isClosed = false;

  constructor(plan: QuestionsPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#turns = new Turns({
      maxRunning: plan.maxRunning,
      maxWaiting: MAX_WAITING,
      maxWaitingPerClient: MAX_WAITING_PER_CLIENT,
      canRun: () => !this.#isClosed && this.#running < plan.maxRunning && (plan.canPut?.() ?? true),
      run: (asked) => this.#run(asked),
      gaveWay: ({ refuse }) => refuse(new Fault('LOGIN_BUSY')),
    });
  }

  get waiting(): number {
    return this.#turns.waiting;
  }

  /** Rejects with LOGIN_BUSY where too many wait, and with SHUTTING_DOWN after close(). */
  ask(question: Question): Promise<Verdict> {
    if (this.#isClosed) return Promise.reject(new Fault('SHUTTING_DOWN'));
    return new Promise((answer, refuse) => {
      const asked = { question, sinceMs: this.#clock(), answer, refuse };
      if (!this.#turns.add(ownerOf(question.client), asked)) refuse(new Fault('LOGIN_BUSY'));
    });
  }

  /** To be called when one more can be put that could not before. */
  goOn(): void {
    this.#turns.goOn();
  }

  /** Answers all that wait. */
  answerAll(verdict: () => Verdict): void {
    this.#turns.drain(({ answer }) => answer(verdict()));
  }

  close(): void {
    this.#isClosed = true;
    this.#turns.drain(({ refuse }) => refuse(new Fault('SHUTTING_DOWN')));
  }

  async #run({ question, sinceMs, answer, refuse }: Asked): Promise<void> {
    const { put, timeoutMs } = this.#plan;
    if (this.#clock() - sinceMs > timeoutMs) {
      refuse(new Fault('LOGIN_BUSY', 'it has waited too long'));
      return;
    }
    this.#running += 1;
    try {
      const verdict = await put(question);
      this.#running -= 1;
      answer(verdict);
    } catch (failure) {
      this.#running -= 1;
      refuse(failure);
    }
  }
}
