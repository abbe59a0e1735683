// Settings in order of appearance become one Config, or all the reasons why not.
import { formatCidr } from '../../base/ip.ts';
import type { Config, Origin, Problem } from '../model/config.ts';
import { impliedBy, type Draft, type Option, type RulesOption } from '../options/option.ts';
import { BY_ARGUMENT, OPTIONS } from '../options/options.ts';
import type { ConfigEntry, Setting } from '../options/setting.ts';
import { joinSources, SOURCE_PLAN } from '../routes/source.ts';
import { parseNetworkList, parseRequestList } from '../rules/patterns.ts';
import {
  checkBases,
  checkLists,
  closeSection,
  openSection,
  sectionName,
  type OpenSection,
} from '../rules/sections.ts';
import type { PortOf } from '../values/hostport.ts';
import type { Reading } from '../values/kinds.ts';
import type { Parsed } from '../values/parsed.ts';
import { error, warning } from '../values/problem.ts';
import { checkFleet } from './checkfleet.ts';
import { checkWeb } from './webchecks.ts';

/** A configuration in the making. */
interface Build {
  readonly draft: Draft;
  readonly rules: OpenSection;
  readonly sections: Map<string, OpenSection>;
  /** The last origin of each option, valid or not. */
  readonly origins: Map<string, Origin>;
  /** The options that were read without a fault at least once. */
  readonly done: Set<Option>;
  readonly problems: Problem[];
}

export interface Built {
  /** undefined when there is an error among the problems. */
  readonly config: Config | undefined;
  /** The settings about users, even with errors elsewhere. */
  readonly users: Pick<Config, 'auth' | 'allowPlaintext'>;
  readonly problems: readonly Problem[];
}

/** Later settings win, repeatable ones append; files have been put in their place before. */
export function buildConfig(entries: readonly ConfigEntry[], portOf: PortOf): Built {
  const build: Build = {
    draft: {},
    rules: openSection(''),
    sections: new Map(),
    origins: new Map(),
    done: new Set(),
    problems: [],
  };
  for (const entry of entries) {
    if (entry.kind === 'section') sectionOf(build, entry.name);
    else applySetting(build, entry, portOf);
  }
  applyDefaults(build);
  build.problems.push(
    ...checkBases(build.sections),
    ...checkLists([build.rules, ...build.sections.values()]),
  );
  build.problems.push(...crossCheck(build));
  const hasErrors = build.problems.some(({ severity }) => severity === 'error');
  const { auth = [], allowPlaintext = false } = build.draft;
  return {
    config: hasErrors ? undefined : finishConfig(build),
    users: { auth, allowPlaintext },
    problems: build.problems,
  };
}

function sectionOf(build: Build, written: string): OpenSection {
  if (written === '') return build.rules;
  const name = sectionName(written);
  const section = build.sections.get(name) ?? openSection(name);
  build.sections.set(name, section);
  return section;
}

function applySetting(build: Build, setting: Setting, portOf: PortOf): void {
  const option = unalias(setting.option);
  const text = setting.text ?? impliedBy(option) ?? '';
  const why = text === '' ? 'needs a value' : applyText(build, option, text, { ...setting, portOf });
  if (why === undefined) build.done.add(option);
  else {
    build.problems.push(error(setting.origin, `${setting.written}: ${why}${commentHint(setting)}`));
  }
  build.origins.set(option.keyword, setting.origin);
}

function unalias(option: Option): Option {
  return option.kind === 'alias' ? (BY_ARGUMENT.get(option.of) ?? option) : option;
}

function applyText(
  build: Build,
  option: Option,
  text: string,
  reading: Reading & Pick<Setting, 'section'>,
): string | undefined {
  switch (option.kind) {
    case 'setting':
      return option.set(build.draft, text, reading);
    case 'rules':
      return appendRules(sectionOf(build, reading.section), option.list, text, reading);
    case 'source':
      return appendSource(sectionOf(build, reading.section), text, reading);
    case 'base':
      Object.assign(sectionOf(build, reading.section), {
        base: sectionName(text),
        baseOrigin: reading.origin,
      });
      return undefined;
    case 'include':
    case 'alias':
    case 'action':
    case 'dropin':
      throw new TypeError(`not a setting: ${option.keyword}`);
  }
}

function appendRules(
  section: OpenSection,
  list: RulesOption['list'],
  text: string,
  reading: Reading,
): string | undefined {
  return list === 'network'
    ? append(section.network, parseNetworkList(text, reading.origin))
    : append(section.request, parseRequestList(text, reading));
}

function appendSource(section: OpenSection, text: string, reading: Reading): string | undefined {
  const parsed = SOURCE_PLAN.parse(text, reading);
  const { source } = section;
  const joined = source === undefined || parsed.kind === 'wrong' ? parsed : joinSources(source, parsed.value);
  if (joined.kind === 'wrong') return joined.why;
  section.source = joined.value;
  return undefined;
}

function append<T>(list: T[], parsed: Parsed<readonly T[]>): string | undefined {
  if (parsed.kind === 'wrong') return parsed.why;
  list.push(...parsed.value);
  return undefined;
}

function commentHint({ origin, text }: Setting): string {
  return origin.file !== undefined && /\s[#;]/.test(text ?? '') ? '; a comment needs a line of its own' : '';
}

function applyDefaults({ draft, done }: Build): void {
  for (const option of OPTIONS) if (option.kind === 'setting' && !done.has(option)) option.reset(draft);
}

/** Errors and warnings about combinations of options. */
function crossCheck(build: Build): Problem[] {
  return [
    ...checkAccount(build),
    ...checkTakeover(build),
    ...checkTrust(build),
    ...checkBalancers(build),
    ...checkWorkers(build),
    ...checkFleet(build.origins, build.draft),
    ...checkWeb(build),
  ];
}

function checkAccount({ origins }: Build): Problem[] {
  if (origins.has('user')) return [];
  const group = origins.get('group');
  const chroot = origins.get('chroot');
  return [
    ...(group ? [error(group, 'group is set without user; set user too, or neither')] : []),
    ...(chroot
      ? [error(chroot, 'chroot is set without user, and root can leave a chroot; set user too, or neither')]
      : []),
  ];
}

function checkTakeover({ origins, draft }: Build): Problem[] {
  const origin = origins.get('takeover');
  if (origin === undefined || !draft.takeover || draft.control !== undefined) return [];
  return [error(origin, 'takeover needs control, the socket of the daemon that runs; set it in both')];
}

function checkWorkers({ origins, draft }: Build): Problem[] {
  const origin = origins.get('workers');
  if (origin === undefined || draft.workers === 1) return [];
  if (draft.chroot !== undefined) {
    const why =
      'workers does not go together with chroot: a worker that takes the place of another one could not be started inside; leave out one of both';
    return [error(origin, why)];
  }
  if (draft.inetd === true)
    return [error(origin, 'workers does not go together with inetd, which serves one client')];
  return [];
}

/** Without users no login is required: an operator who meant to let in only these clients lets in others as well. */
function checkTrust({ origins, draft }: Build): Problem[] {
  if ((draft.auth ?? []).length > 0) return [];
  const why = 'says nothing without auth, because nobody has to log in; network says who may come';
  const isSet = [
    ['whitelist', (draft.whitelist ?? []).length > 0],
    ['auth-once', (draft.authOnceMs ?? 0) > 0],
  ] as const;
  return isSet.flatMap(([keyword, set]) => {
    const origin = origins.get(keyword);
    return set && origin !== undefined ? [warning(origin, `${keyword} ${why}`)] : [];
  });
}

/** The address that a header announces is believed. */
function checkBalancers({ origins, draft }: Build): Problem[] {
  const origin = origins.get('proxy-protocol');
  if (origin === undefined) return [];
  return (draft.proxyProtocol ?? [])
    .filter(({ family, bits }) => bits < WIDEST_BITS[family])
    .map((block) =>
      warning(
        origin,
        `proxy-protocol: whoever connects from ${formatCidr(block)} chooses the address that rules, bans and limits go by; ` +
          'name the balancers one by one',
      ),
    );
}

/** A network of balancers is no wider. */
const WIDEST_BITS = { 4: 24, 6: 64 } as const;

function finishConfig({ draft, rules, sections }: Build): Config {
  const closed = [...sections].map(([name, section]) => [name, closeSection(section)] as const);
  // Every other field has a row in the table, and applyDefaults() has gone over all rows.
  const config = { ...draft, rules: closeSection(rules), sections: new Map(closed) } as Config;
  return { ...config, foreground: config.foreground || config.inetd || config.logMode !== 'syslog' };
}
