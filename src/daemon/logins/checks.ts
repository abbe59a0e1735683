// The check of a login by a configuration with sources that are asked.
import { chainOf, type ChainParts, type CheckByChain } from '../../auth/sources/chain.ts';
import { Patience } from '../../auth/sources/patience.ts';
import { RememberedLogins } from '../../auth/sources/remembered.ts';
import type { LoginSource } from '../../auth/sources/source.ts';
import { stepsOf } from '../../auth/sources/steps.ts';
import type { Users } from '../../auth/files/users.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { Config } from '../../config/model/config.ts';

interface CheckParts {
  readonly config: Config;
  readonly users: Users;
  readonly checker: ChainParts['checker'];
  readonly sourceOf: (text: string) => LoginSource | undefined;
}

/** The checks of one configuration after the other. */
export class SourceChecks {
  /** Survives reloads: no client gets rid of what it has used up. */
  readonly #patience = new Patience(monotonicMs);

  /** It has its own memory: answers are forgotten with the configuration that named their source. */
  checkBy({ config, users, checker, sourceOf }: CheckParts): CheckByChain {
    const rules = {
      steps: stepsOf(config.auth, users, sourceOf),
      fallsBack: config.authFallback,
      lifetimeMs: config.authCacheMs,
      leadingOf: leadingBy(config),
    };
    const remembered = new RememberedLogins(monotonicMs);
    return chainOf(rules, { checker, patience: this.#patience, remembered });
  }
}

/** The first group that a section or a limit names; else the first. */
function leadingBy({ sections, limits }: Config): (groups: readonly string[]) => string | undefined {
  const named = new Set(sections.keys());
  for (const limit of limits) if (limit.scope === 'group' && limit.name !== undefined) named.add(limit.name);
  return (groups) => groups.find((group) => named.has(group)) ?? groups[0];
}
