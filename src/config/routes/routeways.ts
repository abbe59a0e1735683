// The ways of a route: chains of proxies separated by `|`, each chain written from its far end to the proxy that is contacted
// first, or `direct`.
import { parseZonedIp } from '../../base/zoned.ts';
import type { Hop, Way } from '../model/config.ts';
import { isName } from '../values/hostport.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../values/parsed.ts';

/** Reads all words between the ports and the first `KEY=VALUE`; without any word the way leads straight there. */
export function parseWays(words: readonly string[]): Parsed<readonly Way[]> {
  if (words.length === 0) return value([{ hops: [] }]);
  const ways: Way[] = [];
  for (const chain of splitAt(words, '|')) {
    if (chain.length === 0) return wrong('"|" stands between two ways, each with a proxy or direct');
    const way = parseWay(chain);
    if (way.kind === 'wrong') return way;
    ways.push(way.value);
  }
  return value(ways);
}

/** `host:port[/tls],...` in the order in which they are contacted, for logs; undefined when there is no proxy. */
export function formatWay({ hops }: Way): string | undefined {
  return hops.length === 0 ? undefined : hops.map(formatHop).join(',');
}

function formatHop({ host, port, cover }: Hop): string {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return cover === 'tls' ? `${place}/tls` : place;
}

/** Straight there, beside ways through proxies. */
const DIRECT = 'direct';
const DEFAULT_PORT = '1080';
const TYPES: ReadonlyMap<string, Pick<Hop, 'protocol' | 'cover'>> = new Map([
  ['', { protocol: 'socks', cover: 'plain' }],
  ['S', { protocol: 'socks', cover: 'plain' }],
  ['5', { protocol: 'socks5', cover: 'plain' }],
  ['4', { protocol: 'socks4', cover: 'plain' }],
  ['H', { protocol: 'http', cover: 'plain' }],
  ['5S', { protocol: 'socks5', cover: 'tls' }],
  ['HS', { protocol: 'http', cover: 'tls' }],
]);
const TYPE_WORDS = ['/S', '/5', '/4', '/H', '/5S', '/HS'];

function splitAt(words: readonly string[], mark: string): readonly (readonly string[])[] {
  const at = words.indexOf(mark);
  return at < 0 ? [words] : [words.slice(0, at), ...splitAt(words.slice(at + 1), mark)];
}

function parseWay(words: readonly string[]): Parsed<Way> {
  if (words.length === 1 && words[0] === DIRECT) return value({ hops: [] });
  if (words.at(-1) === DIRECT)
    return wrong('"direct" is a way without proxies; write it alone, with "|" between');
  const written: Hop[] = [];
  for (let at = 0; at < words.length; at++) {
    const host = words[at] ?? '';
    const next = words[at + 1];
    const hasPort = next !== undefined && /^\d+(\/|$)/.test(next);
    if (hasPort) at += 1;
    else if (next !== undefined) {
      return wrong(`${quote(host)} has no port after it; only the last proxy of a chain may leave it out`);
    }
    const hop = parseHop(host, hasPort ? next : DEFAULT_PORT);
    if (hop.kind === 'wrong') return hop;
    written.push(hop.value);
  }
  const hops = written.reverse();
  // To another host our interfaces say nothing.
  const zoned = hops.slice(1).find(({ host }) => host.includes('%'));
  return zoned === undefined
    ? value({ hops })
    : wrong(`${quote(zoned.host)}: only the first proxy of a chain is on a link of this host`);
}

function parseHop(text: string, portText: string): Parsed<Hop> {
  const host = parseHost(text);
  if (host === undefined) {
    const forms = 'write ADDRESS, [IPV6] or a name, and the type behind the port as in "proxy 8080/H"';
    return wrong(`${quote(text)} is no proxy; ${forms}`);
  }
  const [digits = '', type = ''] = portText.split(/\/(.*)/s);
  const port = Number(digits);
  if (digits.length > 5 || port === 0 || port > 65_535) {
    return wrong(`${quote(portText)} is no port of a proxy; write 1 to 65535`);
  }
  const spoken = TYPES.get(type.toUpperCase());
  if (spoken !== undefined) return value({ ...spoken, host, port });
  return wrong(`${quote(portText)} has an unknown type of proxy; write ${oneOf(TYPE_WORDS)}`);
}

/** An address in canonical text, or a name in lower case. */
function parseHost(text: string): string | undefined {
  const ip = parseZonedIp(text.replace(/^\[(.*:.*)\]$/, '$1'));
  if (ip !== undefined) return ip;
  return isName(text) ? text.toLowerCase().replace(/\.$/, '') : undefined;
}
