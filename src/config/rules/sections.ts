// Rule sections while they are being read, and the check of their `base` keys.
import type { NetworkRule, Origin, Problem, RequestRule, Section, SourcePlan } from '../model/config.ts';
import { quote } from '../values/parsed.ts';
import { error, warning } from '../values/problem.ts';
import { didYouMean } from '../values/suggest.ts';

/** `[user NAME]`. */
const USER_SECTION = /^user\s+(.+)$/i;

/** A section to which rules are still being added. */
export interface OpenSection extends Section {
  base: string | undefined;
  /** The origin of `base`. */
  baseOrigin: Origin;
  readonly network: NetworkRule[];
  readonly request: RequestRule[];
  source: SourcePlan | undefined;
}

/** The key of a section: its header, with one blank in `user NAME`. */
export function sectionName(written: string): string {
  return written.replace(USER_SECTION, 'user $1');
}

/** The user whose own section it is; undefined for the section of a group. */
export function userOfSection(name: string): string | undefined {
  return USER_SECTION.exec(name)?.[1];
}

export function openSection(name: string): OpenSection {
  return { name, base: undefined, baseOrigin: {}, network: [], request: [], source: undefined };
}

/** The section, complete and immutable. */
export function closeSection({ name, base, network, request, source }: OpenSection): Section {
  return { name, base, network, request, source };
}

/** A problem for each base that does not exist or leads back to its own section. */
export function checkBases(sections: ReadonlyMap<string, OpenSection>): readonly Problem[] {
  return [...sections.values()].flatMap((section) => {
    const why = whyBadBase(section, sections);
    return why === undefined ? [] : [error(section.baseOrigin, `base of [${section.name}]: ${why}`)];
  });
}

/** A warning for each list that allows nothing, unless its last item says so. */
export function checkLists(sections: readonly OpenSection[]): readonly Problem[] {
  return sections.flatMap(({ name, network, request }) => [
    ...warnOfDenials({ key: 'network', everything: '*', rules: network }, name),
    ...warnOfDenials({ key: 'request', everything: 'all:*', rules: request }, name),
  ]);
}

type SectionRule = NetworkRule | RequestRule;

/** A list under its key, with the item that would allow everything. */
interface RuleList {
  readonly key: string;
  readonly everything: string;
  readonly rules: readonly SectionRule[];
}

function warnOfDenials({ key, everything, rules }: RuleList, section: string): readonly Problem[] {
  const last = rules.at(-1);
  if (last === undefined || isAboutAll(last) || rules.some(({ verdict }) => verdict === 'allow')) return [];
  const where = section === '' ? key : `${key} of [${section}]`;
  const why = 'every item denies, and what no item matches is denied, too';
  return [
    warning(last.origin, `${where}: ${why}; "${key} = ${everything}" as the last line allows the rest`),
  ];
}

function isAboutAll(rule: SectionRule): boolean {
  if (!('place' in rule)) return rule.cidr === undefined;
  const { place, ports, conditions } = rule;
  const lists: readonly (readonly unknown[])[] = Object.values(conditions);
  return place.kind === 'any' && ports === undefined && lists.every((list) => list.length === 0);
}

function whyBadBase(section: OpenSection, sections: ReadonlyMap<string, OpenSection>): string | undefined {
  if (section.base === undefined) return undefined;
  if (!sections.has(section.base)) {
    return `there is no section ${quote(section.base)}${didYouMean(section.base, [...sections.keys()])}`;
  }
  const way = [section.name];
  for (let at: string | undefined = section.base; at !== undefined; at = sections.get(at)?.base) {
    if (at === section.name) return `goes round in a circle: ${[...way, at].join(', then ')}`;
    if (way.includes(at)) return undefined;
    way.push(at);
  }
  return undefined;
}
