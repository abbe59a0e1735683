// A route: `DESTINATION PORTS [PROXY [PORT[/TYPE]]]... [| PROXY ...]... [KEY=VALUE]...`, as in srelay.conf(5), with further ways
// after `|` and with keys. White space or commas separate words.
import { staysHere } from '../../protocol/specialnames.ts';
import type { Route } from '../model/config.ts';
import { losesDatagrams } from '../model/way.ts';
import type { Kind, Reading } from '../values/kinds.ts';
import { quote, value, wrong, type Parsed } from '../values/parsed.ts';
import { parseRoutePlace, parseRoutePorts } from './routeplaces.ts';
import { parseSettings } from './routesettings.ts';
import { parseWays } from './routeways.ts';

export const ROUTE: Kind<Route> = {
  metavar: 'DESTINATION PORTS [PROXY [PORT[/TYPE]]]...',
  parse(text, reading) {
    const words = text.split(/[\s,]+/).filter((word) => word !== '');
    const parsed = parseWords(words, reading);
    if (parsed.kind === 'wrong') return parsed;
    return value({ ...parsed.value, origin: reading.origin, text: words.join(' ') });
  },
  format: ({ text }) => text,
};

type RouteDraft = Omit<Route, 'origin' | 'text'>;

function parseWords(
  [destination = '', ports, ...rest]: readonly string[],
  reading: Reading,
): Parsed<RouteDraft> {
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
  const settings = parseSettings(first < 0 ? [] : rest.slice(first), reading);
  if (settings.kind === 'wrong') return settings;
  const said = { place: place.value, ...range.value, ways: ways.value, ...settings.value };
  const why = whyImpossible(said);
  return why === undefined ? value(said) : wrong(why);
}

function whyImpossible({ carrier, ways, place }: RouteDraft): string | undefined {
  if (place.kind === 'suffix' && staysHere(place.suffix) && ways.some(({ hops }) => hops.length > 0)) {
    return `${quote(place.suffix.slice(1))} never goes to a proxy (RFC 6761): leave the line out, or write the address that is meant`;
  }
  return carrier === 'udp' && losesDatagrams(ways)
    ? '/U needs proxies that are all SOCKS5 without TLS: write /5 behind their ports, or leave them out'
    : undefined;
}
