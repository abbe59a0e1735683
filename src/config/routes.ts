// A route: `DESTINATION PORTS [PROXY [PORT[/TYPE]]]... [| PROXY ...]... [KEY=VALUE]...`, as srelay.conf(5) has it, with other
// ways behind `|` and with keys. Words stand between white space or commas.
import type { Route, RoutePick } from './config.ts';
import type { Kind } from './kinds.ts';
import { oneOf, quote, value, wrong, type Parsed } from './parsed.ts';
import { parseWays } from './routeways.ts';
import { parseRoutePlace, parseRoutePorts } from './routeplaces.ts';
import { didYouMean } from './suggest.ts';

export const ROUTE: Kind<Route> = {
  metavar: 'DESTINATION PORTS [PROXY [PORT[/TYPE]]]...',
  parse(text, { origin }) {
    const words = text.split(/[\s,]+/).filter((word) => word !== '');
    const parsed = parseWords(words);
    return parsed.kind === 'wrong' ? parsed : value({ ...parsed.value, origin, text: words.join(' ') });
  },
  format: ({ text }) => text,
};

type Said = Omit<Route, 'origin' | 'text'>;

function parseWords([destination = '', ports, ...rest]: readonly string[]): Parsed<Said> {
  if (ports === undefined) {
    return wrong(
      `${quote(destination)} has no ports after it; write any for all, as in "${destination} any"`,
    );
  }
  const place = parseRoutePlace(destination);
  if (place.kind === 'wrong') return place;
  const range = parseRoutePorts(ports);
  if (range.kind === 'wrong') return range;
  const isSetting = (word: string): boolean => word.includes('=');
  const first = rest.findIndex(isSetting);
  const ways = parseWays(first < 0 ? rest : rest.slice(0, first));
  if (ways.kind === 'wrong') return ways;
  const settings = parseSettings(first < 0 ? [] : rest.slice(first));
  if (settings.kind === 'wrong') return settings;
  const said = { place: place.value, ...range.value, ways: ways.value, ...settings.value };
  const why = whyImpossible(said);
  return why === undefined ? value(said) : wrong(why);
}

type Settings = Pick<Route, 'pick' | 'names'>;

const WORDS: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  pick: ['failover', 'round-robin', 'least-sessions'] satisfies readonly RoutePick[],
  names: ['remote', 'local'],
};

const KEYS = ['pick', 'names'] as const satisfies readonly (keyof Settings)[];

function parseSettings(words: readonly string[]): Parsed<Settings> {
  const read = new Map<keyof Settings, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 0) return wrong(`${quote(word)} stands behind KEY=VALUE; proxies stand before`);
    const name = word.slice(0, equals);
    const key = KEYS.find((known) => known === name);
    if (key === undefined) {
      return wrong(`${quote(word)} is not ${oneOf(KEYS.map((each) => `${each}=`))}${didYouMean(name, KEYS)}`);
    }
    const text = word.slice(equals + 1);
    const known: readonly string[] = WORDS[key];
    if (!known.includes(text)) {
      return wrong(`${key}: ${quote(text)} is not ${oneOf(known)}${didYouMean(text, known)}`);
    }
    if (read.has(key)) return wrong(`${key} stands twice; write it once`);
    read.set(key, text);
  }
  const pick = WORDS.pick.find((each) => each === read.get('pick')) ?? 'failover';
  const names = WORDS.names.find((each) => each === read.get('names')) ?? 'remote';
  return value({ pick, names });
}

function whyImpossible({ carrier, ways }: Said): string | undefined {
  const isChain = ways.some(({ hops }) => hops.length > 0);
  return carrier === 'udp' && isChain
    ? '/U with proxies is not supported by this version; write /T, or leave the proxies out'
    : undefined;
}
