// The measures of a daemon for the metrics, beside its counters.
import type { LoginChecker } from '../../auth/login.ts';
import type { DaemonStatus } from '../../control/controlanswer.ts';
import { VERSION } from '../../control/version.ts';
import type { CrewVitals, DaemonVitals, Stages, Vitals } from '../../observe/figures/vitals.ts';
import { eachMeasure } from '../../observe/measures.ts';
import type { Ways } from '../../net/routes/ways.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { Server } from '../../session/server/server.ts';
import type { Session } from '../../session/session.ts';
import type { Counters } from './counters.ts';
import { countSessions } from './livesessions.ts';
import { countDescriptors, residentBytes } from './resources.ts';
import { listWays } from './ways.ts';

/** What one process knows of the whole daemon, be it a parent of workers. */
interface WholeParts {
  readonly bans: Bans;
  readonly facts: Pick<DaemonStatus, 'transport' | 'descriptorLimit'>;
  readonly steering: {
    readonly users: number;
    readonly stateFailure: string | undefined;
    readonly readiness: string;
    readonly reloads: { readonly ok: number; readonly failed: number };
    readonly configuredAtMs: number;
  };
}

interface VitalParts extends WholeParts {
  readonly server: Server;
  readonly counters: Counters;
  readonly ways: Ways;
  readonly checker: LoginChecker;
}

/** The measures of a server, for a daemon or for a program that embeds it. */
export function serverVitals(
  sessions: () => Iterable<Session>,
  counters: Pick<Counters, 'totals'>,
  transport: string,
): Vitals {
  return {
    version: VERSION,
    transport,
    totals: () => countSessions(sessions(), counters).totals,
    stages: () => stagesOf(sessions()),
    daemon: undefined,
  };
}

export function daemonVitals({ server, counters, ways, checker, ...whole }: VitalParts): Vitals {
  return {
    ...serverVitals(() => server.registry.list(), counters, whole.facts.transport),
    daemon: {
      ...wholeVitals(whole),
      waitingLogins: () => checker.waiting,
      openDescriptors: countDescriptors,
      ways: () => (listWays(ways) ?? []).map(({ via, state }) => ({ via, isUp: state !== 'down' })),
      crew: undefined,
    },
  };
}

/** Of a parent, who serves nobody: the rest is to be added from its workers. */
export function parentVitals(whole: WholeParts, crew: CrewVitals): Vitals {
  return {
    ...serverVitals(() => [], { totals: eachMeasure(() => 0) }, whole.facts.transport),
    daemon: {
      ...wholeVitals(whole),
      waitingLogins: () => 0,
      openDescriptors: () => undefined,
      ways: () => [],
      crew,
    },
  };
}

function wholeVitals({
  bans,
  facts,
  steering,
}: WholeParts): Omit<DaemonVitals, 'waitingLogins' | 'openDescriptors' | 'ways' | 'crew'> {
  return {
    startedAtSeconds: Math.round((Date.now() - process.uptime() * 1000) / 1000),
    isReady: () => steering.readiness === 'serving',
    bans: () => bans.list().length,
    users: () => steering.users,
    descriptorLimit: facts.descriptorLimit,
    residentBytes,
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    reloads: () => steering.reloads,
    configuredAtSeconds: () => Math.round(steering.configuredAtMs / 1000),
    hasStateFailed: () => steering.stateFailure !== undefined,
  };
}

function stagesOf(sessions: Iterable<Session>): Stages {
  const stages = { handshake: 0, dialling: 0, relay: 0 };
  for (const { stage } of sessions) {
    if (stage === 'relaying') stages.relay += 1;
    else if (stage === 'executing') stages.dialling += 1;
    else stages.handshake += 1;
  }
  return stages;
}
