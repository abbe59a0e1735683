// Names for which srelay would have taken a route that is not theirs here: somebody's srelay.conf may have relied on it.
import type { Route } from '../../config/model/config.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import type { Log } from '../../observe/log.ts';
import type { OnNearMiss } from '../../policy/rules/routes.ts';

/** Says it to `log`, once for each route. */
export function watchNearMisses(log: Pick<Log, 'write'>): OnNearMiss {
  const told = new WeakSet<Route>();
  return (route, name) => {
    if (told.has(route)) return;
    told.add(route);
    const fields = { dest: name, route: route.text, at: formatOrigin(route.origin) };
    log.write('warn', 'route-missed', fields, WHY);
  };
}

const WHY =
  'the name ends like that of the route and does not belong to it: unlike srelay, names are compared label by label; ' +
  'where it shall go the same way, write a route for it';
