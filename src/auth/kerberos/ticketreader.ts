// Asks the process that reads tickets: one token at a time, the others wait in a queue that clients share fairly. It decides nothing
// while that process is silent or gone, and lets nobody wait for it in vain. One that was killed is replaced, on the same channel.
import type { Duplex } from 'node:stream';
import { concatBytes } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import { FairQueue } from '../../policy/room/fairqueue.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import {
  decodeTicketAnswer,
  encodeTicketQuestion,
  type NumberedAnswer,
  type TicketAnswer,
} from './ticketanswer.ts';

/** Time for one answer, from when it is asked for. The process gives up a token after 3 s by itself. */
export const ANSWER_MS = 5000;

/** Tokens that wait: in all, and of one client. */
const MAX_WAITING = 64;
const MAX_WAITING_PER_CLIENT = 16;

export type AcceptedTicket = Extract<TicketAnswer, { readonly kind: 'accepted' }>;

interface TicketQuestion {
  readonly token: Uint8Array;
  readonly resolve: (answer: AcceptedTicket) => void;
  readonly reject: (fault: Fault) => void;
}

/** The question that has been put. */
interface Pending {
  readonly id: number;
  readonly question: TicketQuestion;
  readonly timer: NodeJS.Timeout;
}

/** The process has been killed. `replaced`: its standby reads tickets, after `inSeconds`. `gone`: there is no standby. */
export type ReaderNews =
  { readonly kind: 'replaced'; readonly inSeconds: number } | { readonly kind: 'gone' };

/** `silent`: an answer is overdue. `pausing`: the next process has not begun yet. `gone`: no answer will come any more. */
type ReaderState = 'answering' | 'silent' | 'pausing' | 'gone';

export class TicketReader {
  readonly #channel: Duplex;
  readonly #tell: (news: ReaderNews) => void;
  readonly #answerMs: number;
  readonly #queue = new FairQueue<TicketQuestion>({
    max: MAX_WAITING,
    maxPerClient: MAX_WAITING_PER_CLIENT,
    gaveWay: ({ reject }) => reject(new Fault('LOGIN_BUSY', CROWDED)),
  });
  #state: ReaderState = 'answering';
  #pending: Pending | undefined;
  /** The id of the question that the killed process had; its standby may still answer it, before all others. */
  #lostId: number | undefined;
  #lastId = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Over a channel on which the process has said that it is ready. */
  constructor(channel: Duplex, answerMs = ANSWER_MS, tell: (news: ReaderNews) => void = () => undefined) {
    this.#channel = channel;
    this.#tell = tell;
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

  /** The next question is put when all is heard: nothing that stands here can be its answer. */
  #arrive(bytes: Uint8Array): void {
    this.#bytes = concatBytes(this.#bytes, bytes);
    const heard: NumberedAnswer[] = [];
    let decoded = decodeTicketAnswer(this.#bytes);
    for (; decoded.kind === 'done'; decoded = decodeTicketAnswer(this.#bytes)) {
      heard.push(decoded.value);
      this.#bytes = this.#bytes.subarray(decoded.size);
    }
    // One question is under way, so of several answers none is believed.
    const answers = heard.filter(({ id }) => id !== 0 && id !== this.#lostId);
    const isBad = decoded.kind === 'bad' || answers.length > 1;
    if (isBad || !heard.every((each) => this.#take(each))) this.#channel.destroy();
    else this.#ask();
  }

  /** Whether that may be said. */
  #take({ id, answer }: NumberedAnswer): boolean {
    if (id === 0) return this.#hearOfItself(answer);
    if (id === this.#lostId) {
      this.#lostId = undefined;
      return true;
    }
    const pending = this.#pending;
    if (id !== pending?.id) return false;
    this.#pending = undefined;
    this.#state = 'answering';
    clearTimeout(pending.timer);
    settle(pending.question, answer);
    return true;
  }

  #hearOfItself(answer: TicketAnswer): boolean {
    if (answer.kind !== 'ready' && answer.kind !== 'pauses') return false;
    // The question of the killed process is not repeated: Kerberos may take the same token for a replay.
    this.#losePending('replaced');
    if (answer.kind === 'pauses') {
      this.#state = 'pausing';
      this.#rejectWaiting('pausing');
    }
    if (answer.kind === 'pauses' || this.#state !== 'pausing')
      this.#tell({ kind: 'replaced', inSeconds: answer.kind === 'pauses' ? answer.seconds : 0 });
    if (answer.kind === 'ready') this.#state = 'answering';
    return true;
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
    this.#losePending('gone');
    this.#rejectWaiting('gone');
    this.#tell({ kind: 'gone' });
  }

  #losePending(why: keyof typeof WHY): void {
    if (this.#pending === undefined) return;
    clearTimeout(this.#pending.timer);
    this.#pending.question.reject(unavailable(why));
    this.#lostId = this.#pending.id;
    this.#pending = undefined;
  }

  #rejectWaiting(why: keyof typeof WHY): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      next.reject(unavailable(why));
  }
}

const CROWDED = 'too many tickets wait to be read';

function settle({ resolve, reject }: TicketQuestion, answer: TicketAnswer): void {
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
    case 'pauses':
      reject(new Fault('LOGIN_UNAVAILABLE', 'the process that reads tickets has answered nothing'));
  }
}

const WHY = {
  silent: 'does not answer',
  replaced: 'was killed meanwhile',
  pausing: 'was killed more than once, and the next one waits',
  gone: 'has ended; restart the daemon',
} as const;

function unavailable(why: keyof typeof WHY): Fault {
  return new Fault('LOGIN_UNAVAILABLE', `the process that reads tickets ${WHY[why]}`);
}
