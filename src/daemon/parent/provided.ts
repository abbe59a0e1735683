// What workers need that only root could prepare, each loaded only where the configuration names it.
import type { Config } from '../../config/model/config.ts';
import type { Log } from '../../observe/log.ts';
import { startTickets } from '../account/tickets.ts';
import type { KeptPrograms } from '../workers/keptprograms.ts';
import type { KeptTickets } from '../workers/kepttickets.ts';
import type { CrewMeasuring } from './crewmeasuring.ts';

interface Provided {
  readonly measuring: CrewMeasuring | undefined;
  /** undefined: workers have their own. */
  readonly programs: KeptPrograms | undefined;
  readonly tickets: KeptTickets | undefined;
}

/** To be called as root. Rejects with StartFailure. */
export async function provide(config: Config, log: Log): Promise<Provided> {
  return {
    measuring: config.metrics && (await (await import('./crewmeasuring.ts')).measureCrew(config)),
    programs:
      config.helperAs === undefined
        ? undefined
        : await (await import('../workers/keptprograms.ts')).keepPrograms(config),
    tickets: await ticketsOf(config, log),
  };
}

async function ticketsOf(config: Config, log: Log): Promise<KeptTickets | undefined> {
  const tickets = await startTickets(config, log);
  if (tickets === undefined) return undefined;
  const { KeptTickets } = await import('../workers/kepttickets.ts');
  return new KeptTickets(tickets);
}
