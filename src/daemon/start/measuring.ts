// The metrics of a daemon, where `metrics` asks for them: what they hear of, and their text. Without it nothing here does anything.
import type { Registry } from 'prom-client';
import type { LoginChecker } from '../../auth/login.ts';
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { DAEMON_FAMILIES, SERVER_FAMILIES } from '../../observe/figures/families.ts';
import { countingLookups } from '../../observe/figures/lookups.ts';
import { Metrics } from '../../observe/figures/metrics.ts';
import { loadProm } from '../../observe/figures/promclient.ts';
import type { Vitals } from '../../observe/figures/vitals.ts';
import type { Surroundings } from '../../session/session.ts';
import type { DeskParts } from '../control/controldesk.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { osFailure } from '../unix/osfailure.ts';
import type { Shown } from '../web/metricsport.ts';
import { Page, type Causes } from '../web/page.ts';
import { openDoorman } from '../web/viewers.ts';

export interface Measuring extends Shown {
  /** A daemon that serves. */
  readonly follow: (vitals: Vitals, desk: DeskParts) => void;
}

interface Measured extends Pick<Surroundings, 'report' | 'resolver' | 'onRequest'> {
  readonly measuring: Measuring | undefined;
}

/** Rejects with StartFailure where what it takes is missing. */
export async function measured(
  config: Config,
  { report, resolver }: Pick<Surroundings, 'report' | 'resolver'>,
  checker: LoginChecker,
): Promise<Measured> {
  if (config.page !== undefined && config.metrics === undefined)
    throw new StartFailure(EXIT.CONFIG, PAGE_ALONE);
  if (config.metrics === undefined || config.inetd)
    return { report, resolver, onRequest: undefined, measuring: undefined };
  const prom = promOrFailure();
  const registry = new prom.Registry();
  const metrics = new Metrics(prom, registry, [...SERVER_FAMILIES, ...DAEMON_FAMILIES]);
  const { sessions } = metrics;
  const doorman = config.page && (await openDoorman(config, config.page, checker));
  const page = config.page && openPage();
  return {
    report: metrics.hearing(report),
    resolver: countingLookups(resolver, (result) => sessions.lookedUp(result)),
    onRequest: (session) => sessions.requested(session),
    measuring: {
      follow: (vitals, desk) => {
        metrics.follow(vitals);
        page?.follow({ ...desk, causes: () => causesIn(registry) });
      },
      text: () => registry.metrics(),
      page,
      doorman,
    },
  };
}

const PAGE_ALONE = 'page: is a part of metrics, which is not set; set metrics = 9180, for example';

function openPage(): Page {
  try {
    return new Page();
  } catch (error) {
    throw osFailure(
      `cannot read the files of the page: ${systemReason(error)}; install picosocks5 anew`,
      error,
    );
  }
}

const CAUSES = ['picosocks5_refused_total', 'picosocks5_turned_away_total'];

/** Those that are not 0, the most frequent first. */
async function causesIn(registry: Registry): ReturnType<Causes['causes']> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => CAUSES.includes(name))
    .flatMap((metric) => ('values' in metric ? metric.values : []))
    .flatMap(({ labels, value }) =>
      value === 0 ? [] : [{ word: String((labels as Record<string, string>)['fault']), count: value }],
    )
    .sort((one, other) => other.count - one.count);
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
