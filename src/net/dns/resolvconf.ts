// The file resolv.conf(5) as glibc reads it: name servers, search domains and the options about asking.
import { parseIp } from '../../base/ip.ts';
import { isHostName } from '../../protocol/address.ts';

/** Where a name server is asked. */
export interface DnsServer {
  /** An address; a link-local one with its zone: `fe80::1%eth0`. */
  readonly address: string;
  readonly port: number;
}

/** The name servers, and how they are asked. */
export interface DnsSettings {
  /** At least one. */
  readonly servers: readonly DnsServer[];
  /** In lower case without a trailing dot. */
  readonly search: readonly string[];
  /** A name with fewer dots is tried in the search domains first. */
  readonly ndots: number;
  /** Time that the first server gets before the next one is asked. */
  readonly timeoutMs: number;
  /** How often all servers are asked. */
  readonly attempts: number;
  /** Whether the server that is asked first rotates. */
  readonly rotate: boolean;
}

const DNS_PORT = 53;
/** MAXNS of glibc. */
const MAX_SERVERS = 3;
/** glibc has no limit; each domain is one more question for every name that does not exist. */
const MAX_SEARCH = 32;

/** The default without a file: the name server of this host (resolv.conf(5)). */
export const DNS_DEFAULTS: DnsSettings = {
  servers: [{ address: '127.0.0.1', port: DNS_PORT }],
  search: [],
  ndots: 1,
  timeoutMs: 5000,
  attempts: 2,
  rotate: false,
};

/**
 * The names that `name` may stand for, in the order of res_search() of glibc: with at least `ndots` dots the name
 * itself comes before the search domains, with fewer behind them.
 */
export function completionsOf(
  name: string,
  { search, ndots }: Pick<DnsSettings, 'search' | 'ndots'>,
): string[] {
  const longer = search.map((domain) => `${name}.${domain}`).filter(isHostName);
  return name.split('.').length > ndots ? [name, ...longer] : [...longer, name];
}

/**
 * Reads a resolv.conf, for a host `hostName` whose domain is the default search list; undefined if it names no
 * server.
 */
export function parseResolvConf(text: string, hostName: string): DnsSettings | undefined {
  const lines = text.split('\n').map((line) => (/^[#;]/.test(line) ? [] : line.trimEnd().split(/[ \t]+/)));
  const servers = lines
    .flatMap(([keyword, address = '']) => (keyword === 'nameserver' && isServer(address) ? [address] : []))
    .slice(0, MAX_SERVERS);
  if (servers.length === 0) return undefined;
  // The last `search` or `domain` line counts.
  const searched = lines.filter(([keyword, first]) => isSearch(keyword) && first !== undefined).at(-1);
  const domains = searched?.slice(1, searched[0] === 'domain' ? 2 : undefined);
  const options = lines.flatMap(([keyword, ...words]) => (keyword === 'options' ? words : []));
  return {
    servers: servers.map((address) => ({ address, port: DNS_PORT })),
    search: searchOf(domains ?? [hostName.replace(/^[^.]*\.?/, '')]),
    ndots: optionNumber(options, 'ndots', DNS_DEFAULTS.ndots, [0, 15]),
    timeoutMs: optionNumber(options, 'timeout', DNS_DEFAULTS.timeoutMs / 1000, [1, 30]) * 1000,
    attempts: optionNumber(options, 'attempts', DNS_DEFAULTS.attempts, [1, 5]),
    rotate: options.includes('rotate'),
  };
}

function isServer(text: string): boolean {
  const [address = '', zone] = text.split('%');
  return parseIp(address) !== undefined && (zone === undefined || (zone !== '' && address.includes(':')));
}

function isSearch(keyword: string | undefined): boolean {
  return keyword === 'search' || keyword === 'domain';
}

/** Domains that can hold no host, the root among them, are skipped. */
function searchOf(domains: readonly string[]): readonly string[] {
  const names = domains.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  return [...new Set(names.filter(isHostName))].slice(0, MAX_SEARCH);
}

/** The last `NAME:NUMBER`, clamped to `low` and `high`. */
function optionNumber(
  options: readonly string[],
  name: string,
  otherwise: number,
  [low, high]: readonly [number, number],
): number {
  const texts = options.map((option) => new RegExp(`^${name}:(\\d+)`).exec(option)?.[1]);
  const last = texts.filter((text) => text !== undefined).at(-1);
  return last === undefined ? otherwise : Math.min(Math.max(Number(last), low), high);
}
