// Host names to addresses, and addresses to names. In this order: names of special use, the hosts file, answers that still
// hold, a question that is already on its way, a new question. The first three answer without waiting.
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
import { judge, tell, type Answers, type Objections } from './objections.ts';

/** Both families of a name. What is known already is there at once; a promise never rejects. */
export interface NameLookup {
  readonly ipv6: Answer | Promise<Answer>;
  readonly ipv4: Answer | Promise<Answer>;
  /** The family whose addresses come first; absent: 6. */
  readonly first?: 4 | 6;
}

/**
 * What stands against addresses of a family. `unasked`: nobody wants to know them, and the family is empty. A Fault: they cannot
 * be used, and it takes the place of addresses where the name has no others; a name that does not exist or cannot be asked for is
 * told as that.
 */
export type FamilyObjection = (family: 4 | 6) => Fault | 'unasked' | undefined;

export interface Resolver {
  /**
   * The names that `name` may stand for, in the order in which lookup() is to be asked; itself alone where /etc/hosts has it, where
   * it is of special use, where there are no search domains.
   */
  completions(name: string): readonly string[];
  /** Looks up a name in lower case without a trailing dot, as it is. */
  lookup(name: string, client: Ip, objection?: FamilyObjection): NameLookup;
  /**
   * Looks up the name of an address. What is known already is there at once; a promise never rejects. The name is a
   * valid host name, but nobody has checked that it leads back to the address.
   */
  reverse(ip: Ip, client: Ip): NameAnswer | Promise<NameAnswer>;
  /** Gives up what is on its way: those answers are RESOLVER_FAILED. */
  close(): void;
}

interface ResolverSettings {
  readonly hostsPath: string;
  readonly resolvConfPath: string;
  /** Of a host without search domains in resolv.conf; undefined: this one. */
  readonly hostName: string | undefined;
  /** Time for the first answer of a name server; undefined: as resolv.conf says. */
  readonly serverTimeoutMs: number | undefined;
  /** Answers that are kept, for each family and for names of addresses. */
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
 * Reads /etc/hosts and /etc/resolv.conf here and now: call it before a chroot, and keep it over a reload.
 * With `system` the hosts file is left to getaddrinfo(3).
 */
export function createResolver(choice: ResolverChoice, changes: Partial<ResolverSettings> = {}): Resolver {
  const settings = { ...SETTINGS, ...changes };
  if (choice.kind === 'system')
    return new CachingResolver(new Getaddrinfo(settings.maxSystemCalls), undefined, settings);
  const source = new NameServers(dnsSettings(choice, settings));
  return new CachingResolver(source, new HostsFile(settings.hostsPath, settings.now), settings);
}

/** A busy machine may take as long to look at an answer that is there. */
const MIN_TIMEOUT_MS = 250;

/** Servers that are configured are asked as glibc does it where resolv.conf says nothing of it. */
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

  /** `known` is judged as `told`, in which at least one family is missing. */
  #lookUp(question: Question, known: Answers, told: Answers): NameLookup {
    const place = this.#places.take(question.owner);
    if (place === undefined) return { ipv6: told.ipv6 ?? BUSY, ipv4: told.ipv4 ?? BUSY };
    const ask = { 6: this.#once(question, 6, known.ipv6), 4: this.#once(question, 4, known.ipv4) };
    if (this.#source.families === 'together') void Promise.all([ask[6](), ask[4]()]);
    const answer = (family: 4 | 6): Promise<Answer> => place.wait(tell(ask, family, question.objections));
    return { ipv6: told.ipv6 ?? answer(6), ipv4: told.ipv4 ?? answer(4) };
  }

  /** Asks when it is called first, unless the answer is known. */
  #once({ name, owner }: Question, family: 4 | 6, known: Answer | undefined): () => Promise<Answer> {
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

interface Question {
  readonly name: string;
  readonly owner: Owner;
  readonly objections: Objections;
}

/** What was found, which is kept as long as it holds, whether or not somebody still waits for it. */
async function answerOf<T>(asked: Promise<Finding<T>>, subject: string, cache: DnsCache<T>): Promise<T> {
  const finding = await asked;
  cache.put(subject, finding);
  return finding.answer;
}

const LOOPBACK: Answers = {
  ipv6: [ipFromBytes(new Uint8Array(16).fill(1, 15))],
  ipv4: [ipFromBytes(Uint8Array.of(127, 0, 0, 1))],
};

/** What needs no asking, and must not be asked of name servers or the system. */
function specialAnswer(name: string): Answers | undefined {
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
