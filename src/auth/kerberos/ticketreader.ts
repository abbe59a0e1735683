// Asks the process that reads tickets: one token at a time, the others wait in a queue that clients share fairly. It decides nothing
// while that process is silent or gone, and lets nobody wait for it in vain.
import type { Duplex } from 'node:stream';
import { concatBytes } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import { FairQueue } from '../../policy/room/fairqueue.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import { decodeTicketAnswer, encodeTicketQuestion, type TicketAnswer } from './ticketanswer.ts';

/** Time for one answer, from when it is asked for. The process gives up a token after 3 s by itself. */
export const ANSWER_MS = 5000;

/** Tokens that wait: in all, and of one client. */
const MAX_WAITING = 64;
const MAX_WAITING_PER_CLIENT = 16;

export type AcceptedTicket = Extract<TicketAnswer, { readonly kind: 'accepted' }>;

interface Question {
  readonly token: Uint8Array;
  readonly resolve: (answer: AcceptedTicket) => void;
  readonly reject: (fault: Fault) => void;
}

/** The question that has been put. */
interface Pending {
  readonly id: number;
  readonly question: Question;
  readonly timer: NodeJS.Timeout;
}

/** `silent`: an answer is overdue. `gone`: no answer will come any more. */
type ReaderState = 'answering' | 'silent' | 'gone';

export class TicketReader {
  readonly #channel: Duplex;
  readonly #answerMs: number;
  readonly #queue = new FairQueue<Question>({
    max: MAX_WAITING,
    maxPerClient: MAX_WAITING_PER_CLIENT,
    gaveWay: ({ reject }) => reject(new Fault('LOGIN_BUSY', CROWDED)),
  });
  #state: ReaderState = 'answering';
  #pending: Pending | undefined;
  #lastId = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Over a channel on which the process has said that it is ready. */
  constructor(channel: Duplex, answerMs = ANSWER_MS) {
    this.#channel = channel;
    this.#answerMs = answerMs;
    channel.on('data', (bytes: Uint8Array) => this.#arrive(bytes));
    channel.on('error', () => this.#end());
    channel.on('close', () => this.#end());
    channel.on('end', () => this.#end());
  }

  get isUp(): boolean {
    return this.#state !== 'gone';
  }

  accept(token: Uint8Array, client: Ip): Promise<AcceptedTicket> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'answering') reject(unavailable(this.#state));
      else if (this.#queue.push(ownerOf(client), { token, resolve, reject })) this.#ask();
      else reject(new Fault('LOGIN_BUSY', CROWDED));
    });
  }

  #ask(): void {
    if (this.#pending !== undefined || this.#state !== 'answering') return;
    const question = this.#queue.shift();
    if (question === undefined) return;
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const timer = setTimeout(() => this.#fallSilent(), this.#answerMs);
    this.#pending = { id: this.#lastId, question, timer };
    this.#channel.write(encodeTicketQuestion(this.#lastId, question.token));
  }

  #arrive(bytes: Uint8Array): void {
    this.#bytes = concatBytes(this.#bytes, bytes);
    const decoded = decodeTicketAnswer(this.#bytes);
    if (decoded.kind === 'more') return;
    const pending = this.#pending;
    // Only what has been asked for is answered, and nothing stands behind it.
    if (decoded.kind === 'bad' || decoded.value.id !== pending?.id || decoded.size < this.#bytes.length) {
      this.#channel.destroy();
      return;
    }
    this.#bytes = new Uint8Array(0);
    this.#pending = undefined;
    this.#state = 'answering';
    clearTimeout(pending.timer);
    settle(pending.question, decoded.value.answer);
    this.#ask();
  }

  /** The answer may still come; until then everybody hears at once that there is none. */
  #fallSilent(): void {
    this.#state = 'silent';
    this.#pending?.question.reject(unavailable('silent'));
    this.#rejectWaiting('silent');
  }

  #end(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    clearTimeout(this.#pending?.timer);
    this.#pending?.question.reject(unavailable('gone'));
    this.#rejectWaiting('gone');
  }

  #rejectWaiting(state: 'silent' | 'gone'): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      next.reject(unavailable(state));
  }
}

const CROWDED = 'too many tickets wait to be read';

function settle({ resolve, reject }: Question, answer: TicketAnswer): void {
  switch (answer.kind) {
    case 'accepted':
      resolve(answer);
      return;
    case 'refused':
      reject(new Fault('TICKET_REFUSED', answer.why));
      return;
    case 'failed':
      reject(new Fault('LOGIN_UNAVAILABLE', `the ticket could not be read: ${answer.why}`));
      return;
    case 'ready':
      reject(new Fault('LOGIN_UNAVAILABLE', 'the process that reads tickets has answered nothing'));
  }
}

function unavailable(state: 'silent' | 'gone'): Fault {
  const why = { silent: 'does not answer', gone: 'has ended; restart the daemon' }[state];
  return new Fault('LOGIN_UNAVAILABLE', `the process that reads tickets ${why}`);
}
