// Whether a command is of any use, for one that names its destinations only later, as UDP ASSOCIATE does.
import type { Identity } from '../identity.ts';
import type { AskedCommand } from './asking.ts';
import type { RequestMatcher } from './lists.ts';
import type { Policy } from './policy.ts';
import { ALLOW, type Ruling } from './ruling.ts';
import { listFor } from './sections.ts';

/** REQUEST_DENIED where no rule allows any destination for it; each destination must be asked about all the same. */
export function admitCommand(policy: Policy, identity: Identity, command: AskedCommand): Ruling {
  const list = listFor(policy.book, identity, 'request');
  if (list === undefined) return ALLOW;
  for (const rule of list.rules[command]) {
    if (rule.ruling.verdict === 'allow') return ALLOW;
    if (deniesAll(rule)) return rule.ruling;
  }
  return list.otherwise;
}

/** Nothing below such a rule is ever asked. */
function deniesAll({ goal, ports, circumstances, ruling }: RequestMatcher): boolean {
  return (
    ruling.verdict === 'deny' && goal.kind === 'any' && ports === undefined && circumstances === undefined
  );
}
