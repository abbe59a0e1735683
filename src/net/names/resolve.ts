// Host names to addresses, and addresses to names. In this order: names of special use, the hosts file, cached
// answers, pending questions, new questions. The first three answer without waiting.
import { hostname } from 'node:os';
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { ipFromBytes, type Ip } from '../../base/ip.ts';
import type { ResolverChoice } from '../../config/model/config.ts';
import { ownerOf, type Owner } from '../../policy/room/owner.ts';
import { specialUseOf } from '../../protocol/specialnames.ts';
import { DnsCache } from '../dns/dnscache.ts';
import { BUSY, LookupPlaces } from '../dns/lookupplaces.ts';
import { NameServers } from '../dns/nameservers.ts';
import type { Answer, Finding, NameAnswer, NameSource } from '../dns/namesource.ts';
import { DNS_DEFAULTS, parseResolvConf, type DnsSettings } from '../dns/resolvconf.ts';
import { FollowedFile } from '../followedfile.ts';
import { Getaddrinfo } from './getaddrinfo.ts';
import { HostsFile } from './hostsfile.ts';
import { judge, judgeByAsking, type FamilyAnswers, type Objections } from './objections.ts';

/** Both families of a name. Known answers are values; a promise never rejects. */
export interface NameLookup {
  readonly ipv6: Answer | Promise<Answer>;
  readonly ipv4: Answer | Promise<Answer>;
  /** The family whose addresses come first; absent: 6. */
  readonly first?: 4 | 6;
}

/**
 * An objection to addresses of a family. `unasked`: they are not wanted, and the family counts as empty. A Fault:
 * they cannot be used, and it is the answer if the name has no other addresses; a name that does not exist or cannot
 * be resolved is reported as such.
 */
export type FamilyObjection = (family: 4 | 6) => Fault | 'unasked' | undefined;

export interface Resolver {
  /**
   * The names that `name` may stand for, in the order in which to call lookup(); only itself if /etc/hosts has it, if
   * it is of special use, or if there are no search domains.
   */
  completions(name: string): readonly string[];
  /** Looks up a name (lower case, no trailing dot), without completing it. */
  lookup(name: string, client: Ip, objection?: FamilyObjection): NameLookup;
  /**
   * Looks up the name of an address. Known answers are values; a promise never rejects. The name is a valid host
   * name, but it has not been checked to lead back to the address.
   */
  reverse(ip: Ip, client: Ip): NameAnswer | Promise<NameAnswer>;
  /** Ends pending questions with RESOLVER_FAILED. */
  close(): void;
}

interface ResolverSettings {
  readonly hostsPath: string;
  readonly resolvConfPath: string;
  /** The host name whose domain is the default search list; undefined: that of this host. */
  readonly hostName: string | undefined;
  /** Timeout of the first attempt at a name server; undefined: as in resolv.conf. */
  readonly serverTimeoutMs: number | undefined;
  /** Cached answers, for each family and for names of addresses. */
  readonly maxCachedNames: number;
  /** Look-ups that wait at a time: in all, and of one client. */
  readonly maxWaiting: number;
  readonly maxWaitingPerClient: number;
  /** Calls of getaddrinfo(3) and getnameinfo(3) at a time. */
  readonly maxSystemCalls: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

const SETTINGS: ResolverSettings = {
  hostsPath: '/etc/hosts',
  resolvConfPath: '/etc/resolv.conf',
  hostName: undefined,
  serverTimeoutMs: undefined,
  maxCachedNames: 4096,
  maxWaiting: 4096,
  maxWaitingPerClient: 32,
  maxSystemCalls: 2,
  now: monotonicMs,
};

/**
 * Reads /etc/hosts and /etc/resolv.conf at once: call it before a chroot, and keep the result over reloads. With
 * `system`, the hosts file is left to getaddrinfo(3).
 */
export function createResolver(choice: ResolverChoice, changes: Partial<ResolverSettings> = {}): Resolver {
  const settings = { ...SETTINGS, ...changes };
  if (choice.kind === 'system')
    return new CachingResolver(new Getaddrinfo(settings.maxSystemCalls), undefined, settings);
  const source = new NameServers(dnsSettings(choice, settings));
  return new CachingResolver(source, new HostsFile(settings.hostsPath, settings.now), settings);
}

/** A busy machine may need as long to read an answer that has arrived. */
const MIN_TIMEOUT_MS = 250;

/** Configured servers are asked with the defaults of glibc. */
function dnsSettings(
  choice: Exclude<ResolverChoice, { kind: 'system' }>,
  { resolvConfPath, hostName = hostname(), serverTimeoutMs, now }: ResolverSettings,
): () => DnsSettings {
  const changed = (settings: DnsSettings): DnsSettings =>
    serverTimeoutMs === undefined
      ? settings
      : { ...settings, timeoutMs: Math.max(serverTimeoutMs, MIN_TIMEOUT_MS) };
  if (choice.kind === 'servers') {
    const servers = choice.servers.map(({ ip, port }) => ({ address: ip, port }));
    const settings = changed({ ...DNS_DEFAULTS, servers });
    return () => settings;
  }
  const parse = (text: string): DnsSettings | undefined => {
    const settings = parseResolvConf(text, hostName);
    return settings && changed(settings);
  };
  const file = new FollowedFile(resolvConfPath, now, parse, changed(DNS_DEFAULTS));
  return () => file.content;
}

class CachingResolver implements Resolver {
  readonly #source: NameSource;
  readonly #hosts: HostsFile | undefined;
  readonly #ipv6: DnsCache<Answer>;
  readonly #ipv4: DnsCache<Answer>;
  readonly #names: DnsCache<NameAnswer>;
  readonly #places: LookupPlaces;

  constructor(source: NameSource, hosts: HostsFile | undefined, settings: ResolverSettings) {
    this.#source = source;
    this.#hosts = hosts;
    const { maxCachedNames, now } = settings;
    this.#ipv6 = new DnsCache(maxCachedNames, now);
    this.#ipv4 = new DnsCache(maxCachedNames, now);
    this.#names = new DnsCache(maxCachedNames, now);
    this.#places = new LookupPlaces(settings.maxWaiting, settings.maxWaitingPerClient);
  }

  completions(name: string): readonly string[] {
    const isKnown = specialUseOf(name) !== undefined || this.#hosts?.find(name) !== undefined;
    return isKnown ? [name] : this.#source.completions(name);
  }

  lookup(name: string, client: Ip, objection: FamilyObjection = () => undefined): NameLookup {
    const entry = specialAnswer(name) ?? this.#hosts?.find(name);
    const objections = { 6: objection(6), 4: objection(4) };
    const known = entry ?? { ipv6: this.#ipv6.get(name), ipv4: this.#ipv4.get(name) };
    const told = judge(known, objections);
    if (told.ipv6 !== undefined && told.ipv4 !== undefined) return { ipv6: told.ipv6, ipv4: told.ipv4 };
    return this.#lookUp({ name, owner: ownerOf(client), objections }, known, told);
  }

  /** `known` is judged as `told`, which lacks at least one family. */
  #lookUp(question: NameQuestion, known: FamilyAnswers, told: FamilyAnswers): NameLookup {
    const place = this.#places.take(question.owner);
    if (place === undefined) return { ipv6: told.ipv6 ?? BUSY, ipv4: told.ipv4 ?? BUSY };
    const ask = { 6: this.#once(question, 6, known.ipv6), 4: this.#once(question, 4, known.ipv4) };
    if (this.#source.families === 'together') void Promise.all([ask[6](), ask[4]()]);
    const answer = (family: 4 | 6): Promise<Answer> =>
      place.wait(judgeByAsking(ask, family, question.objections));
    return { ipv6: told.ipv6 ?? answer(6), ipv4: told.ipv4 ?? answer(4) };
  }

  /** Asks on its first call, unless the answer is known. */
  #once({ name, owner }: NameQuestion, family: 4 | 6, known: Answer | undefined): () => Promise<Answer> {
    let answer = known === undefined ? undefined : Promise.resolve(known);
    const cache = family === 6 ? this.#ipv6 : this.#ipv4;
    return () => (answer ??= answerOf(this.#source.ask(name, family, owner), name, cache));
  }

  reverse(ip: Ip, client: Ip): NameAnswer | Promise<NameAnswer> {
    const known = this.#hosts?.findName(ip) ?? this.#names.get(ip);
    if (known !== undefined) return known;
    const owner = ownerOf(client);
    const place = this.#places.take(owner);
    return place === undefined
      ? BUSY
      : place.wait(answerOf(this.#source.reverse(ip, owner), ip, this.#names));
  }

  close(): void {
    this.#source.close();
  }
}

interface NameQuestion {
  readonly name: string;
  readonly owner: Owner;
  readonly objections: Objections;
}

/** The finding, which is cached for its lifetime whether or not a caller still waits. */
async function answerOf<T>(asked: Promise<Finding<T>>, subject: string, cache: DnsCache<T>): Promise<T> {
  const finding = await asked;
  cache.put(subject, finding);
  return finding.answer;
}

const LOOPBACK: FamilyAnswers = {
  ipv6: [ipFromBytes(new Uint8Array(16).fill(1, 15))],
  ipv4: [ipFromBytes(Uint8Array.of(127, 0, 0, 1))],
};

/** Names that are answered here, and must not be asked of name servers or the system. */
function specialAnswer(name: string): FamilyAnswers | undefined {
  switch (specialUseOf(name)) {
    case 'loopback':
      return LOOPBACK;
    case 'nothing':
      return { ipv6: UNKNOWN, ipv4: UNKNOWN };
    case 'tor':
      return { ipv6: ONLY_TOR, ipv4: ONLY_TOR };
    case undefined:
      return undefined;
  }
}

const UNKNOWN = new Fault('NAME_NOT_FOUND', 'there are no names below invalid');
const ONLY_TOR = new Fault(
  'NAME_NOT_FOUND',
  'no name server may be asked for a name below onion; a route can lead it to the SOCKS port of Tor',
);
