// Questions of pis5ctl to all members, and their answers as they come. Who does not answer in time is named: nobody waits for a member.
import type { ControlAnswer } from '../../control/controlanswer.ts';
import { decodeAnswer } from '../../control/controlanswer.ts';
import {
  decodeControlRequest,
  encodeControlRequest,
  FLEET_COMMANDS,
  type ControlRequest,
} from '../../control/controlmessage.ts';
import { lineOf, type FleetAnswer, type MemberAnswer } from '../../control/fleetanswer.ts';
import type { Said } from './fleetmessage.ts';

/** Time for the members to answer. */
const PATIENCE_MS = 2000;
/** Sessions that each lists, so that an answer is one message. */
const MOST_SESSIONS = 1000;
/** Questions of others that are being answered; more are passed over. */
const MOST_ASKED = 16;

export interface FleetQuestionsParts {
  readonly member: string;
  readonly answer: (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;
  readonly say: (said: Said) => void;
  /** Members that are there, this one among them. */
  readonly living: () => readonly string[];
  /** Members that were there, and have not said that they end. */
  readonly missing: () => readonly string[];
}

interface Question {
  readonly waiting: Set<string>;
  readonly lines: Map<string, string>;
  readonly settle: () => void;
}

export class FleetQuestions {
  readonly #parts: FleetQuestionsParts;
  readonly #open = new Map<number, Question>();
  #last = 0;
  #asked = 0;

  constructor(parts: FleetQuestionsParts) {
    this.#parts = parts;
  }

  /** Settles with what has been answered in time. */
  async ask(request: ControlRequest): Promise<FleetAnswer> {
    const { member, answer, say, living } = this.#parts;
    const own = await answer(bounded(request));
    const others = living().filter((name) => name !== member);
    const lines = new Map<string, string>();
    const number = ++this.#last;
    if (others.length > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS);
        const settle = (): void => {
          clearTimeout(timer);
          resolve();
        };
        this.#open.set(number, { waiting: new Set(others), lines, settle });
        say({ kind: 'ask', number, line: encodeControlRequest(bounded(request)).trimEnd() });
      });
      this.#open.delete(number);
    }
    const { command } = request;
    const read = [...lines].flatMap(([name, line]): MemberAnswer[] => {
      const decoded = decodeAnswer(command, line);
      return decoded.kind === 'value' ? [{ member: name, answer: decoded.value }] : [];
    });
    const fleet = [{ member, answer: own }, ...read].sort((one, other) =>
      one.member < other.member ? -1 : 1,
    );
    const silent = new Set([...others, ...this.#parts.missing()]);
    for (const each of fleet) silent.delete(each.member);
    return { ok: true, command, fleet, missing: [...silent].sort() };
  }

  /** A member answers. */
  take(from: string, number: number, line: string): void {
    const question = this.#open.get(number);
    if (question?.waiting.delete(from) !== true) return;
    question.lines.set(from, line);
    if (question.waiting.size === 0) question.settle();
  }

  /** A member asks: whoever owns the store may ask as well, so only for what it could bring about anyway, or may see. */
  async heard(from: string, number: number, line: string): Promise<void> {
    const request = decodeControlRequest(line);
    if (request.kind === 'wrong' || !FLEET_COMMANDS.includes(request.value.command)) return;
    if (this.#asked >= MOST_ASKED) return;
    this.#asked += 1;
    try {
      const answer = await this.#parts.answer(bounded(request.value));
      this.#parts.say({ kind: 'answer', to: from, number, line: lineOf(answer) });
    } finally {
      this.#asked -= 1;
    }
  }
}

function bounded(request: ControlRequest): ControlRequest {
  return request.command === 'sessions'
    ? { ...request, limit: Math.min(request.limit, MOST_SESSIONS) }
    : request;
}
