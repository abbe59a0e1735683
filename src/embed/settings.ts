// Turns the options of createServer() into a configuration: every default is that of the option table.
import type { Config, Section } from '../config/model/config.ts';
import type { Draft } from '../config/options/option.ts';
import { OPTIONS } from '../config/options/options.ts';
import { ROUTE } from '../config/routes/routes.ts';
import { SOURCE_PLAN } from '../config/routes/source.ts';
import { LIMIT_RULE } from '../config/rules/limitrules.ts';
import { parseNetworkList, parseRequestList } from '../config/rules/patterns.ts';
import { BLOCKS } from '../config/values/blocks.ts';
import { mustBeKnown, mustBePositive, mustBeRight, mustBeWhole, mustParse, PLAIN } from './given/reading.ts';

/** The options that say what a configuration says. */
export interface Settings {
  readonly anonymous?: boolean | undefined;
  readonly http?: boolean | undefined;
  readonly network?: string | undefined;
  readonly request?: string | undefined;
  readonly source?: readonly string[] | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly limits?: readonly string[] | undefined;
  readonly bans?: BanSettings | undefined;
  readonly proxyProtocol?: string | undefined;
  readonly maxSessions?: number | undefined;
  readonly stalledBytes?: number | undefined;
  readonly handshakeTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly halfClosedTimeoutMs?: number | undefined;
}

interface BanSettings {
  readonly failures?: number | undefined;
  readonly windowMs?: number | undefined;
  readonly firstMs?: number | undefined;
  readonly longestMs?: number | undefined;
  readonly allow?: string | undefined;
}

/** Throws TypeError where an option makes no sense; its message begins with the name of it. */
export function configOf(settings: Settings): Config {
  const { anonymous = false, http = true, routes, limits, bans } = settings;
  mustBeFlag('anonymous', anonymous);
  mustBeFlag('http', http);
  return {
    ...defaults(),
    anonymous,
    http,
    rules: rulesOf(settings),
    routes: textsSetting('routes', routes).map((text) => mustParse('routes', ROUTE, text)),
    limits: textsSetting('limits', limits).map((text) => mustParse('limits', LIMIT_RULE, text)),
    ...numbersOf(settings),
    ...bansOf(bans),
    ...balancersOf(settings),
  };
}

function balancersOf({ proxyProtocol }: Settings): Partial<Config> {
  if (proxyProtocol === undefined) return {};
  return { proxyProtocol: mustParse('proxyProtocol', BLOCKS, textSetting('proxyProtocol', proxyProtocol)) };
}

/** The defaults of the option table, without bans: a program may have its own. */
function defaults(): Config {
  const draft: Draft = {};
  for (const option of OPTIONS) if (option.kind === 'setting') option.reset(draft);
  const rules: Section = { name: '', base: undefined, network: [], request: [] };
  return { ...(draft as Config), rules, sections: new Map(), banAfter: 0 };
}

function rulesOf({ network, request, source }: Settings): Section {
  const pool = textsSetting('source', source).join();
  return {
    name: '',
    base: undefined,
    network:
      network === undefined
        ? []
        : mustBeRight('network', parseNetworkList(textSetting('network', network), {})),
    request:
      request === undefined
        ? []
        : mustBeRight('request', parseRequestList(textSetting('request', request), PLAIN)),
    source: pool === '' ? undefined : mustParse('source', SOURCE_PLAN, pool),
  };
}

/** Fields with the names of Config; which may be 0 says the check of each. */
const NUMBERS = {
  maxSessions: mustBeWhole,
  stalledBytes: mustBeWhole,
  handshakeTimeoutMs: mustBePositive,
  connectTimeoutMs: mustBePositive,
  idleTimeoutMs: mustBeWhole,
  halfClosedTimeoutMs: mustBeWhole,
} as const;

function numbersOf(settings: Settings): Partial<Record<keyof typeof NUMBERS, number>> {
  const numbers: Partial<Record<keyof typeof NUMBERS, number>> = {};
  for (const [name, check] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, typeof mustBeWhole][]) {
    const given = settings[name];
    if (given !== undefined) numbers[name] = check(name, given);
  }
  return numbers;
}

/** Fields of `bans`, by field of Config. */
const BANS = {
  failures: ['banAfter', mustBeWhole],
  windowMs: ['banWindowMs', mustBePositive],
  firstMs: ['banTimeMs', mustBePositive],
  longestMs: ['banLongestMs', mustBePositive],
} as const;

function bansOf(bans: BanSettings | undefined): Partial<Config> {
  if (bans === undefined) return {};
  mustBeKnown(bans, [...Object.keys(BANS), 'allow'], 'bans');
  const fields = Object.entries(BANS).flatMap(([name, [field, check]]) => {
    const given = bans[name as keyof typeof BANS];
    return given === undefined ? [] : [[field, check(`bans.${name}`, given)] as const];
  });
  const { allow } = bans;
  return {
    ...(Object.fromEntries(fields) as Partial<Config>),
    ...(allow === undefined
      ? {}
      : { banAllow: mustParse('bans.allow', BLOCKS, textSetting('bans.allow', allow)) }),
  };
}

function mustBeFlag(option: string, flag: unknown): void {
  if (typeof flag !== 'boolean') throw new TypeError(`${option}: must be true or false`);
}

function textSetting(option: string, text: unknown): string {
  if (typeof text === 'string') return text;
  throw new TypeError(`${option}: must be a text`);
}

function textsSetting(option: string, texts: unknown): readonly string[] {
  if (texts === undefined) return [];
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts;
  throw new TypeError(`${option}: must be a list of texts`);
}
