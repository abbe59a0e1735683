// Who reads tickets of Kerberos for a daemon, and what the log hears of it.
import type { TicketProcess } from '../../auth/kerberos/tickets.ts';
import type { Config } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';

/** Loaded only where there is a keytab. To be called as root. Rejects with StartFailure. */
export async function startTickets(config: Config, log: Log): Promise<TicketProcess | undefined> {
  if (config.gssapiKeytab === undefined) return undefined;
  const { openTickets } = await import('./ticketprocess.ts');
  return openTickets(config, (news) => {
    if (news.kind === 'gone') log.write('err', 'tickets', {}, TICKETS_ENDED);
    else log.write('warn', 'tickets', {}, ticketsReplaced(news.inSeconds));
  });
}

const TICKETS_ENDED =
  'the process that reads tickets of Kerberos has ended, with its standby, and clients cannot log in with one any more; restart the daemon';

function ticketsReplaced(inSeconds: number): string {
  const killed = 'the process that reads tickets of Kerberos was killed from outside';
  return inSeconds === 0
    ? `${killed}; its standby has taken its place`
    : `${killed} once more; its standby takes its place in ${inSeconds} s, until then nobody logs in with a ticket`;
}
