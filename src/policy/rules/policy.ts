// The basis of all decisions of one snapshot.
import type { Here } from './here.ts';
import { compileRulebook, type Rulebook, type RuleSource } from './sections.ts';

interface PolicySetting {
  /** Whether clients can log in: a source of users is configured, even an empty one. */
  readonly hasUsers: boolean;
  /** Whether clients may come in without a login although there are users. */
  readonly anonymous: boolean;
  /** The addresses of this host, which change while it runs. */
  readonly here: Here;
  /** The clock of rules with a time, which is local time. */
  readonly now: () => Date;
}

export interface Policy extends PolicySetting {
  readonly book: Rulebook;
}

/** Makes the rules of a configuration ready for questions. */
export function compilePolicy({ rules, sections, ...setting }: RuleSource & PolicySetting): Policy {
  return { ...setting, book: compileRulebook({ rules, sections }) };
}
