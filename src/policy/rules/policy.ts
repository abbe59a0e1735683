// What all decisions of one snapshot are made from.
import type { Here } from './here.ts';
import { compileRulebook, type Rulebook, type RuleSource } from './sections.ts';

interface PolicySetting {
  /** Whether clients can log in: a source of users is configured, be it empty. */
  readonly hasUsers: boolean;
  /** Whether clients may come in without a login although there are users. */
  readonly anonymous: boolean;
  /** Which addresses are this host's own, which changes while it runs. */
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
