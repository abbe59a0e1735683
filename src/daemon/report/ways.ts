// Reports on routes and ways through proxies, for the log and the control socket.
import { FAULTS } from '../../base/fault.ts';
import type { Route } from '../../config/model/config.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import type { WayStatus } from '../../control/controlanswer.ts';
import { Ways } from '../../net/routes/ways.ts';
import type { Log } from '../../observe/log.ts';
import { detailOf } from '../../observe/sessionlog.ts';
import type { OnNearMiss } from '../../policy/itinerary/routes.ts';

/** Most ways in one answer. */
const MAX_WAYS_LISTED = 1000;

/** Writes to `log` when a way begins to fail, and when it works again. */
export function watchWays(log: Pick<Log, 'write'>): Ways {
  return new Ways((change) => {
    const { via } = change;
    if (change.kind === 'up') {
      log.write('notice', 'proxy-up', { via }, 'the way through these proxies works again');
      return;
    }
    const { fault, retryMs } = change;
    const fields = { via, retry: retryMs / 1000, why: fault.code, detail: detailOf(fault) };
    log.write('warn', 'proxy-down', fields, `${FAULTS[fault.code]}; it is tried last for a while`);
  });
}

/**
 * Logs, once for each route, that srelay would have used it for a name outside its domain: an srelay.conf may have relied on
 * that.
 */
export function watchNearMisses(log: Pick<Log, 'write'>): OnNearMiss {
  const told = new WeakSet<Route>();
  return (route, name) => {
    if (told.has(route)) return;
    told.add(route);
    const fields = { dest: name, route: route.text, at: formatOrigin(route.origin) };
    log.write('warn', 'route-missed', fields, MISSED);
  };
}

const MISSED =
  'the name ends like that of the route and does not belong to it: unlike srelay, names are compared label by label; ' +
  'where it shall go the same way, write a route for it';

/** undefined when there are none. */
export function listWays(ways: Ways): readonly WayStatus[] | undefined {
  const reports = ways.list().slice(0, MAX_WAYS_LISTED);
  if (reports.length === 0) return undefined;
  return reports.map(({ via, standing, forMs, sessions, retryMs, failure }) => ({
    via,
    state: standing,
    seconds: inSeconds(forMs),
    sessions,
    retrySeconds: inSeconds(retryMs),
    failure: failure && {
      why: failure.fault.code,
      detail: detailOf(failure.fault),
      secondsAgo: failure.agoMs / 1000,
    },
  }));
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
