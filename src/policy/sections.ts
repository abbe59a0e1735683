// Which rules hold for whom: the section of an identity, and for a list that is empty there, the next one up.
import type { Section } from '../config/config.ts';
import type { Identity } from './identity.ts';

/** Rules of a configuration: those outside every section, and the named sections. */
export interface Rulebook {
  readonly rules: Section;
  readonly sections: ReadonlyMap<string, Section>;
}

/** Section of anonymous clients and of users without a group. */
const UNGROUPED = '*';

/**
 * The section whose `list` decides about `identity`: its own if that list has rules, else its base's and so on, the
 * global one last. A group or base without a section means the global one.
 */
export function sectionFor(rulebook: Rulebook, identity: Identity, list: 'network' | 'request'): Section {
  const asked = new Set<string>();
  let name: string | undefined = (identity.kind === 'user' ? identity.group : undefined) ?? UNGROUPED;
  while (name !== undefined && !asked.has(name)) {
    asked.add(name);
    const section = rulebook.sections.get(name);
    if (section !== undefined && section[list].length > 0) return section;
    name = section?.base;
  }
  return rulebook.rules;
}
