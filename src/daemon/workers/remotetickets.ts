// The process that reads tickets of Kerberos, as a worker sees it: it asks its parent.
import { deserialize } from 'node:v8';
import { enctypeOf } from '../../auth/kerberos/enctypes.ts';
import type { Ticket, TicketProcess } from '../../auth/kerberos/tickets.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { TicketNews, TicketQuestion } from './ticketmessage.ts';
import type { TicketAnswer } from './kepttickets.ts';

/** Longer than the parent takes for those who wait before it. */
const ANSWER_MS = 10_000;

/** Tokens whose answers are to come; the parent lets clients take turns. */
const MAX_WAITING = 64;

interface Waiting {
  readonly settle: (answer: TicketAnswer) => void;
}

export class RemoteTickets implements TicketProcess {
  readonly isUp = true;
  readonly #send: (question: TicketQuestion) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(send: (question: TicketQuestion) => void) {
    this.#send = send;
  }

  async accept(token: Uint8Array, client: Ip): Promise<Ticket> {
    if (this.#waiting.size >= MAX_WAITING) throw new Fault('LOGIN_BUSY', 'too many tickets wait');
    const answer = await this.#ask(token, client);
    if ('fault' in answer) throw new Fault(answer.fault, answer.why);
    const { ticket, key } = answer;
    const enctype = enctypeOf(ticket.keyType);
    return { ...ticket, key: key && enctype && { ...key, enctype } };
  }

  hear({ id, body }: TicketNews): void {
    this.#waiting.get(id)?.settle(deserialize(Buffer.from(body, 'base64')) as TicketAnswer);
  }

  /** The parent ends the process. */
  close(): void {
    for (const { settle } of this.#waiting.values())
      settle({ fault: 'SHUTTING_DOWN', why: 'while a ticket was read' });
  }

  #ask(token: Uint8Array, client: Ip): Promise<TicketAnswer> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const settle = (answer: TicketAnswer): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const why = 'the parent of this worker has not answered in time';
      const timer = setTimeout(() => settle({ fault: 'LOGIN_UNAVAILABLE', why }), ANSWER_MS);
      this.#waiting.set(id, { settle });
      this.#send({ id, token: Buffer.from(token).toString('base64'), client });
    });
  }
}
