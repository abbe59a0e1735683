// The way that decide() names for one request, as routes: read once for each text, and kept while it is of use.
import type { Route, SourcePlan } from '../config/model/config.ts';
import { ROUTE } from '../config/routes/routes.ts';
import { SOURCE_PLAN } from '../config/routes/source.ts';
import type { Credentials } from '../net/proxies/talk.ts';
import type { Routing } from '../net/routes/travel.ts';
import { Ways } from '../net/routes/ways.ts';
import { compileRoutes } from '../policy/itinerary/routes.ts';
import { destinationOf } from '../protocol/address.ts';
import type { Allowance } from './callbacks.ts';
import { credentialsGiven } from './login.ts';
import { mustParse } from './given/reading.ts';

/** Most texts kept, with the state of their ways. */
const MAX_KEPT = 256;

export interface Detour {
  /** undefined: direct to every destination. */
  readonly routing: Routing | undefined;
  readonly source: SourcePlan | undefined;
}

type AtProxies = Pick<Routing, 'credentials' | 'trust' | 'isSelf'>;

export class Detours {
  readonly #atProxies: AtProxies;
  readonly #kept = new Map<string, Routing | undefined>();

  /** `atProxies`: for proxies whose login no decision names. */
  constructor(atProxies: AtProxies) {
    this.#atProxies = atProxies;
  }

  /** `routing` is that of the options. Throws TypeError where something cannot be read. */
  of({ route, upstream, source }: Allowance, routing: Routing | undefined): Detour {
    if (route !== undefined && upstream !== undefined)
      throw new TypeError('a decision has a route or an upstream, not both');
    const pool =
      source === undefined
        ? undefined
        : mustParse('source', SOURCE_PLAN, textsField(source, 'source').join());
    if (route !== undefined)
      return { routing: this.#once('route', textsField(route, 'route'), readDetours), source: pool };
    if (upstream !== undefined)
      return {
        routing: this.#once('upstream', textsField(upstream, 'upstream'), readUpstream),
        source: pool,
      };
    return { routing, source: pool };
  }

  #once(kind: string, texts: readonly string[], read: typeof readDetours): Routing | undefined {
    const key = JSON.stringify([kind, ...texts]);
    if (this.#kept.has(key)) return this.#kept.get(key);
    const routing = read(texts, this.#atProxies);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, routing);
    return routing;
  }
}

function textsField(texts: unknown, field: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts];
  if (list.every((text) => typeof text === 'string')) return list;
  throw new TypeError(`the ${field} of a decision is a text or a list of texts`);
}

function readDetours(lines: readonly string[], atProxies: AtProxies): Routing | undefined {
  return detourRouting(
    lines.map((line) => mustParse('route', ROUTE, line)),
    atProxies,
  );
}

function detourRouting(routes: readonly Route[], atProxies: AtProxies): Routing | undefined {
  const table = compileRoutes(routes);
  return table && { ...atProxies, table, ways: new Ways(() => undefined) };
}

/** How a route writes what a URL begins with, and the port that goes without saying. */
const SCHEMES: ReadonlyMap<string, readonly [type: string, port: number]> = new Map([
  ['socks:', ['S', 1080]],
  ['socks5:', ['5', 1080]],
  ['socks5h:', ['5', 1080]],
  ['socks5s:', ['5S', 1080]],
  ['socks4:', ['4', 1080]],
  ['socks4a:', ['4', 1080]],
  ['http:', ['H', 80]],
  ['https:', ['HS', 443]],
]);

/** Logins stand in the URLs; a proxy without one there has none. */
function readUpstream(urls: readonly string[], atProxies: AtProxies): Routing | undefined {
  if (urls.length === 0) return undefined;
  const proxies = urls.map(readUrl);
  // A route is written from its far end.
  const chain = proxies.map(({ text }) => text).reverse();
  const route = mustParse('upstream', ROUTE, `* any ${chain.join(' ')}`);
  const logins = new Map(route.ways[0]?.hops.map((hop, at) => [hop, proxies[at]?.credentials]));
  return detourRouting([route], { ...atProxies, credentials: (hop) => logins.get(hop) });
}

interface Upstream {
  /** As in a route. */
  readonly text: string;
  readonly credentials: Credentials | undefined;
}

/** The URL may have a password in it, and is in no message. */
function readUrl(text: string): Upstream {
  if (!URL.canParse(text)) throw new TypeError('an upstream is no URL');
  const url = new URL(text);
  const scheme = SCHEMES.get(url.protocol);
  const host = url.hostname;
  const isPlain = url.search === '' && url.hash === '' && ['', '/'].includes(url.pathname);
  if (scheme === undefined || !isPlain || destinationOf(host, 0) === undefined) {
    const known = [...SCHEMES.keys()].map((each) => each.slice(0, -1)).join(', ');
    throw new TypeError(`an upstream is SCHEME://[USER:PASSWORD@]HOST[:PORT] with one of ${known}`);
  }
  const [type, usual] = scheme;
  const hasLogin = url.username !== '' || url.password !== '';
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    text: `${host} ${url.port === '' ? usual : url.port}/${type}`,
    credentials: hasLogin ? credentialsGiven(login) : undefined,
  };
}
