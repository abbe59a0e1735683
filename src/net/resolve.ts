// Host names to addresses, and addresses to names. In this order: names of special use, the hosts file, answers that still
// hold, a question that is already on its way, a new question. The first three answer without waiting.
import { monotonicMs } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { ipFromBytes, type Ip } from '../base/ip.ts';
import type { ResolverChoice } from '../config/config.ts';
import { specialUseOf } from '../protocol/specialnames.ts';
import { DnsCache } from './dnscache.ts';
import { Getaddrinfo } from './getaddrinfo.ts';
import { HostsFile } from './hostsfile.ts';
import { LookupSlots } from './lookupslots.ts';
import { NameServers } from './nameservers.ts';
import type { Answer, NameAnswer, NameSource } from './namesource.ts';
import { Questions } from './questions.ts';

/** Both families of a name. What is known already is there at once; a promise never rejects. */
export interface NameLookup {
  readonly ipv6: Answer | Promise<Answer>;
  readonly ipv4: Answer | Promise<Answer>;
  /** The family whose addresses come first; absent: 6. */
  readonly first?: 4 | 6;
}

/** Why nobody would use addresses of a family: it is not asked for, and this is its answer. */
export type FamilyObjection = (family: 4 | 6) => Fault | undefined;

export interface Resolver {
  /** Looks up a name in lower case without a trailing dot. No search domain is applied. */
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
  /** Time for the first answer of a name server. */
  readonly serverTimeoutMs: number;
  /** Answers that are kept, for each family and for names of addresses. */
  readonly maxCachedNames: number;
  /** Look-ups that wait at a time: in all, and of one client. */
  readonly maxWaiting: number;
  readonly maxWaitingPerClient: number;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

const SETTINGS: ResolverSettings = {
  hostsPath: '/etc/hosts',
  serverTimeoutMs: 2000,
  maxCachedNames: 4096,
  maxWaiting: 4096,
  maxWaitingPerClient: 32,
  now: monotonicMs,
};

/**
 * Reads /etc/hosts and /etc/resolv.conf here and now: call it before a chroot, and keep it over a reload.
 * With `system` the hosts file is left to getaddrinfo(3).
 */
export function createResolver(choice: ResolverChoice, changes: Partial<ResolverSettings> = {}): Resolver {
  const settings = { ...SETTINGS, ...changes };
  if (choice.kind === 'system') return new CachingResolver(new Getaddrinfo(), undefined, settings);
  const servers = choice.kind === 'servers' ? choice.servers : undefined;
  const source = new NameServers(servers, settings.serverTimeoutMs);
  return new CachingResolver(source, new HostsFile(settings.hostsPath, settings.now), settings);
}

class CachingResolver implements Resolver {
  readonly #source: NameSource;
  readonly #hosts: HostsFile | undefined;
  readonly #ipv6: Questions<string, Answer>;
  readonly #ipv4: Questions<string, Answer>;
  readonly #names: Questions<Ip, NameAnswer>;
  readonly #slots: LookupSlots;

  constructor(source: NameSource, hosts: HostsFile | undefined, settings: ResolverSettings) {
    this.#source = source;
    this.#hosts = hosts;
    const { maxCachedNames, now } = settings;
    this.#ipv6 = new Questions((name) => source.ask(name, 6), new DnsCache(maxCachedNames, now));
    this.#ipv4 = new Questions((name) => source.ask(name, 4), new DnsCache(maxCachedNames, now));
    this.#names = new Questions((ip) => source.reverse(ip), new DnsCache(maxCachedNames, now));
    this.#slots = new LookupSlots(settings.maxWaiting, settings.maxWaitingPerClient);
  }

  lookup(name: string, client: Ip, objection: FamilyObjection = () => undefined): NameLookup {
    const entry = specialAnswer(name) ?? this.#hosts?.find(name);
    if (entry === undefined) return this.#lookUp(name, client, objection);
    return { ipv6: objection(6) ?? entry.ipv6, ipv4: objection(4) ?? entry.ipv4 };
  }

  #lookUp(name: string, client: Ip, objection: FamilyObjection): NameLookup {
    const ipv6 = objection(6) ?? this.#ipv6.known(name);
    const ipv4 = objection(4) ?? this.#ipv4.known(name);
    if (ipv6 !== undefined && ipv4 !== undefined) return { ipv6, ipv4 };
    const release = this.#slots.take(client);
    if (release === undefined) return { ipv6: ipv6 ?? BUSY, ipv4: ipv4 ?? BUSY };
    const lookup = { ipv6: ipv6 ?? this.#ipv6.ask(name), ipv4: ipv4 ?? this.#ipv4.ask(name) };
    void Promise.all([lookup.ipv6, lookup.ipv4]).then(release);
    return lookup;
  }

  reverse(ip: Ip, client: Ip): NameAnswer | Promise<NameAnswer> {
    const known = this.#hosts?.findName(ip) ?? this.#names.known(ip);
    if (known !== undefined) return known;
    const release = this.#slots.take(client);
    if (release === undefined) return BUSY;
    const answer = this.#names.ask(ip);
    void answer.then(release);
    return answer;
  }

  close(): void {
    this.#source.close();
  }
}

/** One value for all: a client that floods us shall not make us build errors. */
const BUSY = new Fault('RESOLVER_BUSY');

const LOOPBACK: NameLookup = {
  ipv6: [ipFromBytes(new Uint8Array(16).fill(1, 15))],
  ipv4: [ipFromBytes(Uint8Array.of(127, 0, 0, 1))],
};

/** What needs no asking, and must not be asked of name servers or the system. */
function specialAnswer(name: string): NameLookup | undefined {
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
