// Tickets of Kerberos that workers ask about: the process that reads them is that of their parent, who had the keytab read as root.
import { serialize } from 'node:v8';
import type { Ticket, TicketProcess } from '../../auth/kerberos/tickets.ts';
import { Fault, type FaultCode } from '../../base/fault.ts';
import { parseIp } from '../../base/ip.ts';
import type { TicketQuestion } from './ticketmessage.ts';
import type { Asker } from './keptprograms.ts';

/** What comes of a question, on its way to a worker. The kind of the key says how it works. */
export type TicketAnswer =
  | { readonly ticket: Omit<Ticket, 'key'>; readonly key: BareKey | undefined }
  | { readonly fault: FaultCode; readonly why: string };

type BareKey = Omit<NonNullable<Ticket['key']>, 'enctype'>;

export class KeptTickets {
  readonly #tickets: TicketProcess;

  constructor(tickets: TicketProcess) {
    this.#tickets = tickets;
  }

  async ask(asker: Asker, { id, token, client }: TicketQuestion): Promise<void> {
    const answer = await this.#answer(Buffer.from(token, 'base64'), client);
    if (!asker.isFull)
      asker.tell({ kind: 'ticket', id, body: Buffer.from(serialize(answer)).toString('base64') });
  }

  close(): void {
    this.#tickets.close();
  }

  async #answer(token: Uint8Array, client: string): Promise<TicketAnswer> {
    const ip = parseIp(client);
    if (ip === undefined) return { fault: 'LOGIN_UNAVAILABLE', why: 'a worker asks for no client' };
    try {
      const { key, ...ticket } = await this.#tickets.accept(token, ip);
      return { ticket, key: key && bareKeyOf(key) };
    } catch (failure) {
      if (!(failure instanceof Fault)) throw failure;
      return {
        fault: failure.code,
        why: typeof failure.cause === 'string' ? failure.cause : failure.message,
      };
    }
  }
}

/** How it works are functions, which do not travel. */
function bareKeyOf({
  key,
  isAcceptorSubkey,
  sendSequence,
  receiveSequence,
}: NonNullable<Ticket['key']>): BareKey {
  return { key, isAcceptorSubkey, sendSequence, receiveSequence };
}
