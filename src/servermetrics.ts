// The metrics of a server in the hands of a program, in a registry of prom-client that the program has.
import { Counters } from './daemon/report/counters.ts';
import { serverVitals } from './daemon/report/vitals.ts';
import type { Resolver } from './net/names/resolve.ts';
import { SERVER_FAMILIES } from './observe/figures/families.ts';
import { countingLookups } from './observe/figures/lookups.ts';
import { Metrics } from './observe/figures/metrics.ts';
import { loadProm, type MetricsRegistry } from './observe/figures/promclient.ts';
import type { Report } from './session/events.ts';
import type { Server } from './session/server/server.ts';
import type { Surroundings } from './session/session.ts';

interface MeasuredServer extends Pick<Surroundings, 'report' | 'resolver' | 'onRequest'> {
  readonly follow: (server: Server, transport: string) => void;
  /** Takes the metrics out of the registry. */
  readonly close: () => void;
}

/** Without a registry nothing is counted. Throws TypeError where it has metrics of another server. */
export function measuredIn(
  registry: MetricsRegistry | undefined,
  report: Report,
  resolver: Resolver,
): MeasuredServer {
  if (registry === undefined)
    return { report, resolver, onRequest: undefined, follow: () => undefined, close: () => undefined };
  const metrics = new Metrics(loadProm(), registry, SERVER_FAMILIES);
  const counters = new Counters(report);
  return {
    report: metrics.hearing(counters.report),
    resolver: countingLookups(resolver, (result) => metrics.sessions.lookedUp(result)),
    onRequest: (session) => metrics.sessions.requested(session),
    follow: (server, transport) =>
      metrics.follow(serverVitals(() => server.registry.list(), counters, transport)),
    close: () => metrics.remove(),
  };
}

export function isRegistry(registry: unknown): registry is MetricsRegistry {
  const methods = ['registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const;
  if (typeof registry !== 'object' || registry === null) return false;
  return methods.every((name) => typeof (registry as Record<string, unknown>)[name] === 'function');
}
