// The keys of a route, `KEY=VALUE` after its ways.
import type { ProxyVersion } from '../../protocol/doors/proxyheader.ts';
import type { Route, RoutePick } from '../model/config.ts';
import { choice, FAMILY, INTERFACE, MARK, type Kind, type Reading } from '../values/kinds.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../values/parsed.ts';
import { didYouMean } from '../values/suggest.ts';
import { SOURCE_PLAN } from './source.ts';

/** Absent keys follow the options and the sections. */
export type RouteSettings = Pick<
  Route,
  'pick' | 'names' | 'source' | 'family' | 'device' | 'mark' | 'sendProxy'
>;

type RouteKey = keyof RouteSettings;

const KINDS: { readonly [K in RouteKey]: Kind<NonNullable<RouteSettings[K]>> } = {
  pick: choice<RoutePick>('WHICH', ['failover', 'round-robin', 'least-sessions']),
  names: choice<Route['names']>('WHERE', ['remote', 'local']),
  source: SOURCE_PLAN,
  family: FAMILY,
  device: INTERFACE,
  sendProxy: choice<ProxyVersion>('VERSION', ['v1', 'v2']),
  mark: MARK,
};

/** As they are written, where that is not the name of the field. */
const NAMES: Partial<Record<RouteKey, string>> = { sendProxy: 'send-proxy' };

const KEYS = Object.keys(KINDS) as readonly RouteKey[];

/** Reads words that are all `KEY=VALUE`, each key once. Values of `source` stand between `+`. */
export function parseSettings(words: readonly string[], reading: Reading): Parsed<RouteSettings> {
  const read: Partial<Record<RouteKey, unknown>> = {};
  for (const text of words) {
    const setting = parseSetting(text, reading);
    if (setting.kind === 'wrong') return setting;
    const { key, parsed } = setting.value;
    if (key in read) return wrong(`${nameOf(key)} stands twice; write it once`);
    read[key] = parsed;
  }
  return value({ ...NOTHING_SAID, ...(read as Partial<RouteSettings>) });
}

const NOTHING_SAID: RouteSettings = {
  pick: 'failover',
  names: 'remote',
  source: undefined,
  family: undefined,
  device: undefined,
  mark: undefined,
  sendProxy: undefined,
};

function parseSetting(text: string, reading: Reading): Parsed<{ key: RouteKey; parsed: unknown }> {
  const equals = text.indexOf('=');
  if (equals < 0) return wrong(`${quote(text)} stands behind KEY=VALUE; proxies stand before`);
  const name = text.slice(0, equals);
  const key = KEYS.find((known) => nameOf(known) === name);
  if (key === undefined) {
    const names = KEYS.map(nameOf);
    return wrong(`${quote(text)} is not ${oneOf(names.map((each) => `${each}=`))}${didYouMean(name, names)}`);
  }
  const parsed = KINDS[key].parse(text.slice(equals + 1), reading);
  return parsed.kind === 'wrong'
    ? wrong(`${nameOf(key)}: ${parsed.why}`)
    : value({ key, parsed: parsed.value });
}

function nameOf(key: RouteKey): string {
  return NAMES[key] ?? key;
}
