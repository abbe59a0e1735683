// The metrics of a daemon, where `metrics` asks for them: what they hear of, and their text. Without it nothing here does anything.
import type { Registry } from 'prom-client';
import type { LoginChecker } from '../../auth/login.ts';
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { DAEMON_FAMILIES, SERVER_FAMILIES } from '../../observe/figures/families.ts';
import { countingLookups } from '../../observe/figures/lookups.ts';
import { Metrics } from '../../observe/figures/metrics.ts';
import { loadProm, type Prom } from '../../observe/figures/promclient.ts';
import type { Vitals } from '../../observe/figures/vitals.ts';
import type { Surroundings } from '../../session/session.ts';
import { banRulesOf } from '../../session/snapshot.ts';
import { listBans } from '../control/controlbans.ts';
import { daemonStatusOf, type DeskParts } from '../control/controldesk.ts';
import type { Usable } from '../host/load.ts';
import { listSessions } from '../report/livesessions.ts';
import { osFailure } from '../unix/osfailure.ts';
import type { Shown } from './metricsport.ts';
import { Page, type Scene } from './page.ts';
import { TlsDoor } from './tlsdoor.ts';
import { openDoorman, type Checks } from './viewers.ts';
import { Watch, type WatchParts } from './watch.ts';

/** Metrics as prom-client gives them. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface Measuring extends Shown {
  /** A daemon that serves. */
  readonly follow: (vitals: Vitals, desk: DeskParts) => void;
  /** For the parent of a worker. */
  readonly figures: () => Promise<Figures>;
}

interface Measured extends Pick<Surroundings, 'report' | 'resolver' | 'onRequest'> {
  readonly measuring: Measuring | undefined;
}

interface Heard extends Pick<Surroundings, 'report' | 'resolver'>, Pick<WatchParts, 'log' | 'bans'> {}

/** Rejects with StartFailure where what it takes is missing. */
export async function measured(
  { config, webTls }: Usable,
  { report, resolver, log, bans }: Heard,
  checker: LoginChecker,
): Promise<Measured> {
  if (config.metrics === undefined || config.inetd)
    return { report, resolver, onRequest: undefined, measuring: undefined };
  const prom = promOrFailure();
  const registry = new prom.Registry();
  const metrics = new Metrics(prom, registry, [...SERVER_FAMILIES, ...DAEMON_FAMILIES]);
  const { sessions } = metrics;
  const hearing = metrics.hearing(report);
  let rules = (): ReturnType<typeof banRulesOf> => banRulesOf(config);
  const watch = webTls && new Watch({ bans, rules: () => rules(), log, report: hearing });
  const { page, doorman } = await openPage(config, { checker, watch });
  const figures = (): Promise<Figures> => registry.getMetricsAsJSON();
  return {
    report: hearing,
    resolver: countingLookups(resolver, (result) => sessions.lookedUp(result)),
    onRequest: (session) => sessions.requested(session),
    measuring: {
      follow: (vitals, desk) => {
        metrics.follow(vitals);
        rules = () => desk.server.snapshot.logins.bans;
        page?.follow(sceneOf(desk, async () => causesIn(await figures())));
      },
      text: () => registry.metrics(),
      figures,
      page,
      doorman,
      door: webTls && watch && new TlsDoor(webTls, watch),
    },
  };
}

/** To be called as root. Rejects with StartFailure. */
export async function openPage(config: Config, checks: Checks): Promise<Pick<Shown, 'page' | 'doorman'>> {
  if (config.page === undefined) return { page: undefined, doorman: undefined };
  const doorman = await openDoorman(config, config.page, checks);
  try {
    return { page: new Page(), doorman };
  } catch (error) {
    throw osFailure(
      `cannot read the files of the page: ${systemReason(error)}; install picosocks5 anew`,
      error,
    );
  }
}

/** Of one process. */
function sceneOf(desk: DeskParts, causes: Scene['causes']): Scene {
  return {
    status: () => Promise.resolve(daemonStatusOf(desk)),
    sessions: (request) => Promise.resolve(listSessions(desk.server.registry.list(), request)),
    bans: () => listBans(desk),
    configuredAtMs: () => desk.steering.configuredAtMs,
    causes,
  };
}

const CAUSES = ['picosocks5_refused_total', 'picosocks5_turned_away_total'];

/** Those that are not 0, the most frequent first. */
export function causesIn(figures: Figures): Awaited<ReturnType<Scene['causes']>> {
  return figures
    .filter(({ name }) => CAUSES.includes(name))
    .flatMap((metric) => ('values' in metric ? metric.values : []))
    .flatMap(({ labels, value }) =>
      value === 0 ? [] : [{ word: String((labels as Record<string, string>)['fault']), count: value }],
    )
    .sort((one, other) => other.count - one.count);
}

/** Throws StartFailure. */
export function promOrFailure(): Prom {
  try {
    return loadProm();
  } catch (error) {
    throw osFailure(
      'cannot load the package prom-client, which metrics needs: install it, or take metrics out',
      error,
    );
  }
}
