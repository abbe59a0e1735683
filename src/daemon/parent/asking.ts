// A question to all workers, and their answers. A worker that does not answer in time is passed over, so that one that hangs
// delays nobody.
import type { Crew } from './crew.ts';
import type { Hand } from './hand.ts';
import type { WorkerMessage } from '../workers/workermessage.ts';

/** Numbered messages that a worker answers with. */
export type Numbered = Extract<WorkerMessage, { readonly number: number }>;

interface Question {
  readonly waiting: Set<Hand>;
  readonly answers: Map<Hand, Numbered>;
  readonly settle: () => void;
}

export class Asking {
  readonly #crew: Pick<Crew, 'hands'>;
  readonly #questions = new Map<number, Question>();
  #last = 0;

  constructor(crew: Pick<Crew, 'hands'>) {
    this.#crew = crew;
  }

  /** Puts a question to all, by `ask` with its number; settles with the answers after `withinMs` at most. */
  async all(
    ask: (hand: Hand, number: number) => void,
    withinMs: number,
  ): Promise<ReadonlyMap<Hand, Numbered>> {
    const number = ++this.#last;
    const hands = this.#crew.hands;
    const answers = new Map<Hand, Numbered>();
    if (hands.length === 0) return answers;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#questions.set(number, { waiting: new Set(hands), answers, settle });
      for (const hand of hands) ask(hand, number);
    });
    this.#questions.delete(number);
    return answers;
  }

  take(hand: Hand, answer: Numbered): void {
    const question = this.#questions.get(answer.number);
    if (question?.waiting.has(hand) !== true) return;
    question.answers.set(hand, answer);
    question.waiting.delete(hand);
    if (question.waiting.size === 0) question.settle();
  }

  /** It answers no more. */
  lose(hand: Hand): void {
    for (const { waiting, settle } of this.#questions.values()) {
      if (waiting.delete(hand) && waiting.size === 0) settle();
    }
  }
}
