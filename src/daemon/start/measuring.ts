// The metrics of a daemon, where `metrics` asks for them: what they hear of, and their text. Without it nothing here does anything.
import type { Config } from '../../config/model/config.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import { DAEMON_FAMILIES, SERVER_FAMILIES } from '../../observe/figures/families.ts';
import { countingLookups } from '../../observe/figures/lookups.ts';
import { Metrics } from '../../observe/figures/metrics.ts';
import { loadProm } from '../../observe/figures/promclient.ts';
import type { Vitals } from '../../observe/figures/vitals.ts';
import type { Report } from '../../session/events.ts';
import type { Surroundings } from '../../session/session.ts';
import { osFailure } from '../unix/osfailure.ts';

export interface Measuring {
  readonly follow: (vitals: Vitals) => void;
  /** In the text format of Prometheus. */
  readonly text: () => Promise<string>;
}

interface Measured extends Pick<Surroundings, 'report' | 'resolver' | 'onRequest'> {
  readonly measuring: Measuring | undefined;
}

/** Throws StartFailure where the package that it takes is missing. */
export function measured(config: Config, report: Report, resolver: Resolver): Measured {
  if (config.metrics === undefined || config.inetd)
    return { report, resolver, onRequest: undefined, measuring: undefined };
  const prom = promOrFailure();
  const registry = new prom.Registry();
  const metrics = new Metrics(prom, registry, [...SERVER_FAMILIES, ...DAEMON_FAMILIES]);
  const { sessions } = metrics;
  return {
    report: metrics.hearing(report),
    resolver: countingLookups(resolver, (result) => sessions.lookedUp(result)),
    onRequest: (session) => sessions.requested(session),
    measuring: { follow: (vitals) => metrics.follow(vitals), text: () => registry.metrics() },
  };
}

function promOrFailure(): ReturnType<typeof loadProm> {
  try {
    return loadProm();
  } catch (error) {
    throw osFailure(
      'cannot load the package prom-client, which metrics needs: install it, or take metrics out',
      error,
    );
  }
}
