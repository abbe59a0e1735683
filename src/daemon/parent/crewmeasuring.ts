// The metrics and the page of a daemon with workers, which its parent serves. Loaded only where `metrics` asks for them.
import { createLoginChecker } from '../../auth/login.ts';
import type { Config } from '../../config/model/config.ts';
import { CREW_FAMILIES, DAEMON_FAMILIES, SERVER_FAMILIES } from '../../observe/figures/families.ts';
import { Metrics } from '../../observe/figures/metrics.ts';
import { listBans } from '../control/controlbans.ts';
import { parentVitals } from '../report/vitals.ts';
import { causesIn, openPage, promOrFailure } from '../web/measuring.ts';
import type { Shown } from '../web/metricsport.ts';
import { CrewFigures } from './crewfigures.ts';
import type { Hand } from './hand.ts';
import { askStatus, listAll, type ParentDeskParts } from './parentdesk.ts';
import type { ParentRunning } from './parentrunning.ts';

export interface CrewMeasuring extends Shown {
  /** A daemon whose workers serve. */
  readonly follow: (desk: MeasuredDesk) => void;
  /** A worker has ended. */
  readonly lose: (hand: Hand) => void;
}

interface MeasuredDesk extends ParentDeskParts {
  readonly steering: ParentRunning;
}

/** To be called as root. Rejects with StartFailure. */
export async function measureCrew(config: Config): Promise<CrewMeasuring> {
  const prom = promOrFailure();
  const registry = new prom.Registry();
  const metrics = new Metrics(prom, registry, [...SERVER_FAMILIES, ...DAEMON_FAMILIES, ...CREW_FAMILIES]);
  const figures = new CrewFigures(prom, registry);
  const { page, doorman } = await openPage(config, { checker: createLoginChecker(), watch: undefined });
  let desk: MeasuredDesk | undefined;
  const whole = async (): Promise<typeof registry> => (desk === undefined ? registry : figures.ask(desk));
  return {
    follow(served) {
      desk = served;
      metrics.follow(parentVitals(served, crewVitals(served, figures)));
      page?.follow({
        status: () => askStatus(served),
        sessions: (request) => listAll(served, request),
        bans: () => listBans(served),
        configuredAtMs: () => served.steering.configuredAtMs,
        causes: async () => causesIn(await (await whole()).getMetricsAsJSON()),
      });
    },
    lose: (hand) => figures.lose(hand),
    text: async () => (await whole()).metrics(),
    page,
    doorman,
    door: undefined,
  };
}

function crewVitals({ crew }: MeasuredDesk, figures: CrewFigures): Parameters<typeof parentVitals>[1] {
  return {
    lost: () => crew.lost,
    workers: () =>
      [
        ...crew.hands.map((hand) => ({
          worker: hand.slot,
          isUp: figures.hasAnswered(hand),
          sessions: hand.sessions,
        })),
        ...crew.absent.map((worker) => ({ worker, isUp: false, sessions: 0 })),
      ].sort((one, other) => one.worker - other.worker),
  };
}
