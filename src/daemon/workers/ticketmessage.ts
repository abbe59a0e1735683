// What a worker asks its parent about a ticket of Kerberos, and the answer.
import { object, text, whole } from '../../control/shape.ts';

export interface TicketQuestion {
  readonly id: number;
  /** In base64. */
  readonly token: string;
  readonly client: string;
}

export interface TicketNews {
  readonly id: number;
  /** TicketAnswer, as structuredClone() would have it, in base64. */
  readonly body: string;
}

export const TICKET_QUESTION = object<TicketQuestion>({
  id: whole(0),
  token: text(131_072),
  client: text(64),
});
