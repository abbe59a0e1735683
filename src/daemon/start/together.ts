// Other daemons that this one counts together with; what that needs is loaded where the configuration asks for it.
import type { Config } from '../../config/model/config.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** undefined: it is in no fleet. Rejects with StartFailure. */
export async function openFleet(config: Config): Promise<Fleet | undefined> {
  if (config.fleet === undefined) return undefined;
  const { planFleet } = await import('../fleet/openfleet.ts');
  const { Fleet } = await import('../fleet/fleet.ts');
  const plan = await planFleet(config);
  return plan && new Fleet(plan, config);
}

/** --check: a sentence where the store does not let a member do what it has to do. Rejects with StartFailure. */
export async function tryFleet(config: Config): Promise<string | undefined> {
  if (config.fleet === undefined) return undefined;
  const { planFleet, tryStore } = await import('../fleet/openfleet.ts');
  const plan = await planFleet(config);
  return plan && tryStore(plan);
}
