// Errors about combinations of options of a fleet.
import type { Origin, Problem } from '../model/config.ts';
import type { Draft } from '../options/option.ts';
import { error } from '../values/problem.ts';

/** Options that mean nothing outside a fleet; those with a default cannot be told from it. */
const NEED_FLEET = ['fleet-name', 'fleet-store', 'fleet-auth', 'fleet-ca', 'fleet-zone'];

export function checkFleet(origins: ReadonlyMap<string, Origin>, draft: Draft): Problem[] {
  const fleet = origins.get('fleet');
  if (fleet === undefined) {
    return NEED_FLEET.flatMap((keyword) => {
      const origin = origins.get(keyword);
      return origin === undefined
        ? []
        : [error(origin, `${keyword} needs fleet, the name of the fleet; set both`)];
    });
  }
  if (draft.fleetStore === undefined)
    return [error(fleet, 'fleet needs fleet-store, where the members meet; set both')];
  if (draft.workers !== 1) {
    const why =
      'fleet does not go together with workers yet: each host of a fleet has one process; leave out one of both';
    return [error(fleet, why)];
  }
  if (draft.inetd === true)
    return [error(fleet, 'fleet does not go together with inetd, which serves one client and ends')];
  const ca = origins.get('fleet-ca');
  if (ca !== undefined && !draft.fleetStore.isSecure)
    return [error(ca, 'fleet-ca needs a store with TLS: fleet-store = rediss://HOST')];
  return [];
}
