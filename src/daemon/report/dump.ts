// SIGUSR1: writes the current state to the log.
import { monotonicMs } from '../../base/clock.ts';
import { formatEndpoint } from '../../base/ip.ts';
import type { Log } from '../../observe/log.ts';
import { MEASURE_NAMES, MEASURES } from '../../observe/measures.ts';
import { formatDestination } from '../../protocol/address.ts';
import type { Server } from '../../session/server/server.ts';
import type { Session } from '../../session/session.ts';
import type { Counters } from './counters.ts';
import { residentBytes } from './resources.ts';

/** More sessions than this are counted but not listed. */
const MAX_LISTED = 1000;

export function dumpSessions(server: Server, { totals }: Counters, log: Log): void {
  const sums = MEASURE_NAMES.map((name) => [MEASURES[name].field, totals[name]] as const);
  log.write('notice', 'counters', {
    live: server.registry.size,
    ...Object.fromEntries<number>(sums),
    rss: residentBytes(),
  });
  dumpLive(server, log);
}

/** A record for each session, up to a bound. */
export function dumpLive(server: Server, log: Log): void {
  let left = MAX_LISTED;
  for (const session of server.registry.list()) {
    if (left-- === 0) return;
    log.write('notice', 'live', describeSession(session));
  }
}

function describeSession(session: Session): Record<string, string | number | undefined> {
  const { id, client, identity, destination, dialled, activity, startedAtMs } = session;
  const progress = activity?.progress();
  return {
    id,
    client: formatEndpoint(client),
    user: identity?.kind === 'user' ? identity.name : undefined,
    userid: identity?.kind === 'anonymous' ? identity.userId : undefined,
    dest: destination && formatDestination(destination),
    dialled: dialled && formatEndpoint(dialled),
    up: progress?.bytesUp,
    down: progress?.bytesDown,
    secs: Math.round((monotonicMs() - startedAtMs) / 1000),
  };
}
