// The measures of a daemon for the metrics, beside its counters.
import type { LoginChecker } from '../../auth/login.ts';
import type { DaemonStatus } from '../../control/controlanswer.ts';
import { VERSION } from '../../control/version.ts';
import type { Stages, Vitals } from '../../observe/figures/vitals.ts';
import type { Ways } from '../../net/routes/ways.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { Server } from '../../session/server/server.ts';
import type { Session } from '../../session/session.ts';
import type { Counters } from './counters.ts';
import { countSessions } from './livesessions.ts';
import { countDescriptors, residentBytes } from './resources.ts';
import { listWays } from './ways.ts';

interface VitalParts {
  readonly server: Server;
  readonly counters: Counters;
  readonly bans: Bans;
  readonly ways: Ways;
  readonly facts: Pick<DaemonStatus, 'transport' | 'descriptorLimit'>;
  readonly checker: LoginChecker;
  readonly steering: {
    readonly users: number;
    readonly stateFailure: string | undefined;
    readonly readiness: string;
    readonly reloads: { readonly ok: number; readonly failed: number };
    readonly configuredAtMs: number;
  };
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

export function daemonVitals({ server, counters, bans, ways, facts, checker, steering }: VitalParts): Vitals {
  return {
    ...serverVitals(() => server.registry.list(), counters, facts.transport),
    daemon: {
      startedAtSeconds: Math.round((Date.now() - process.uptime() * 1000) / 1000),
      isReady: () => steering.readiness === 'serving',
      waitingLogins: () => checker.waiting,
      bans: () => bans.list().length,
      users: () => steering.users,
      openDescriptors: countDescriptors,
      descriptorLimit: facts.descriptorLimit,
      residentBytes,
      cpuSeconds: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
      ways: () => (listWays(ways) ?? []).map(({ via, state }) => ({ via, isUp: state !== 'down' })),
      reloads: () => steering.reloads,
      configuredAtSeconds: () => Math.round(steering.configuredAtMs / 1000),
      hasStateFailed: () => steering.stateFailure !== undefined,
    },
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
