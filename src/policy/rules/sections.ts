// Which list holds for whom: that of the user's own section, of the section of the group, of its base and so on, the
// global one last. The first of them that has a rule decides alone, so an empty list opens nothing.
import type { Section, SourcePlan } from '../../config/model/config.ts';
import { userOfSection } from '../../config/rules/sections.ts';
import type { Identity } from '../identity.ts';
import { compileNetworkList, compileRequestList, type NetworkList, type RequestList } from './lists.ts';

/** Rules of a configuration: those outside every section, and the named sections. */
export interface RuleSource {
  readonly rules: Section;
  readonly sections: ReadonlyMap<string, Section>;
}

/** undefined: there is no rule. */
interface Lists {
  readonly network: NetworkList | undefined;
  readonly request: RequestList | undefined;
  /** Where its connections come from. */
  readonly source: SourcePlan | undefined;
}

/** The lists as they are looked up: bases have been followed. */
export interface Rulebook {
  readonly global: Lists;
  /** For identities without a group, and for clients without an identity. */
  readonly ungrouped: Lists;
  readonly groups: ReadonlyMap<string, Lists>;
  /** By name; undefined lists are those of the group. */
  readonly users: ReadonlyMap<string, Lists>;
}

/** Section of anonymous clients and of users without a group. */
const UNGROUPED = '*';

export function compileRulebook({ rules, sections }: RuleSource): Rulebook {
  const own = new Map([...sections].map(([name, section]) => [name, compileLists(section)]));
  const global = compileLists(rules);
  const groups = new Map<string, Lists>();
  const users = new Map<string, Lists>();
  for (const name of sections.keys()) {
    const user = userOfSection(name);
    const chain = chainOf(name, sections).map((each) => own.get(each));
    if (user === undefined) groups.set(name, firstLists([...chain, global]));
    else users.set(user, firstLists(chain));
  }
  return { global, ungrouped: groups.get(UNGROUPED) ?? global, groups, users };
}

/** The rules that decide about `identity`; undefined: there are none. */
export function listFor<Kind extends keyof Lists>(
  book: Rulebook,
  identity: Identity,
  kind: Kind,
): Lists[Kind] {
  if (identity.kind === 'anonymous') return book.ungrouped[kind];
  const group =
    identity.group === undefined ? book.ungrouped : (book.groups.get(identity.group) ?? book.global);
  return book.users.get(identity.name)?.[kind] ?? group[kind];
}

function compileLists(section: Section): Lists {
  return {
    network: compileNetworkList(section),
    request: compileRequestList(section),
    source: section.source,
  };
}

/** A section, its base, and so on; a circle ends where it closes. */
function chainOf(start: string, sections: RuleSource['sections']): readonly string[] {
  const chain = new Set<string>();
  for (let name: string | undefined = start; name !== undefined && !chain.has(name);) {
    chain.add(name);
    name = sections.get(name)?.base;
  }
  return [...chain];
}

function firstLists(chain: readonly (Lists | undefined)[]): Lists {
  return {
    network: chain.find((lists) => lists?.network !== undefined)?.network,
    request: chain.find((lists) => lists?.request !== undefined)?.request,
    source: chain.find((lists) => lists?.source !== undefined)?.source,
  };
}
