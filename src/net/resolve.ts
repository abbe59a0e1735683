// Host names to addresses. In this order: localhost (RFC 6761 section 6.3), the hosts file, answers that still
// hold, a question that is already on its way, a new question. The first three answer without waiting.
import { Fault } from '../base/fault.ts';
import { ipFromBytes, type Ip } from '../base/ip.ts';
import type { ResolverChoice } from '../config/config.ts';
import { DnsCache } from './dnscache.ts';
import { Getaddrinfo } from './getaddrinfo.ts';
import { HostsFile } from './hostsfile.ts';
import { LookupSlots } from './lookupslots.ts';
import { NameServers } from './nameservers.ts';
import type { Answer, NameSource } from './namesource.ts';

/** Both families of a name. What is known already is there at once; a promise never rejects. */
export interface NameLookup {
  readonly ipv6: Answer | Promise<Answer>;
  readonly ipv4: Answer | Promise<Answer>;
}

export interface Resolver {
  /** Looks up a name in lower case without a trailing dot. No search domain is applied. */
  lookup(name: string, client: Ip): NameLookup;
  /** Gives up what is on its way: those answers are RESOLVER_FAILED. */
  close(): void;
}

interface ResolverSettings {
  readonly hostsPath: string;
  /** Time for the first answer of a name server. */
  readonly serverTimeoutMs: number;
  /** Names whose answers are kept, for each family. */
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
  now: () => performance.now(),
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
  readonly #ipv6: FamilyNames;
  readonly #ipv4: FamilyNames;
  readonly #slots: LookupSlots;

  constructor(source: NameSource, hosts: HostsFile | undefined, settings: ResolverSettings) {
    this.#source = source;
    this.#hosts = hosts;
    this.#ipv6 = new FamilyNames(source, 6, new DnsCache(settings.maxCachedNames, settings.now));
    this.#ipv4 = new FamilyNames(source, 4, new DnsCache(settings.maxCachedNames, settings.now));
    this.#slots = new LookupSlots(settings.maxWaiting, settings.maxWaitingPerClient);
  }

  lookup(name: string, client: Ip): NameLookup {
    if (isLocalhost(name)) return LOCALHOST;
    const entry = this.#hosts?.find(name);
    if (entry !== undefined) return entry;
    const ipv6 = this.#ipv6.known(name);
    const ipv4 = this.#ipv4.known(name);
    if (ipv6 !== undefined && ipv4 !== undefined) return { ipv6, ipv4 };
    const release = this.#slots.take(client);
    if (release === undefined) return { ipv6: ipv6 ?? BUSY, ipv4: ipv4 ?? BUSY };
    const lookup = { ipv6: ipv6 ?? this.#ipv6.ask(name), ipv4: ipv4 ?? this.#ipv4.ask(name) };
    void Promise.all([lookup.ipv6, lookup.ipv4]).then(release);
    return lookup;
  }

  close(): void {
    this.#source.close();
  }
}

/** One family: what is kept, and what is on its way so that nobody asks the same twice. */
class FamilyNames {
  readonly #source: NameSource;
  readonly #family: 4 | 6;
  readonly #cache: DnsCache;
  readonly #open = new Map<string, Promise<Answer>>();

  constructor(source: NameSource, family: 4 | 6, cache: DnsCache) {
    this.#source = source;
    this.#family = family;
    this.#cache = cache;
  }

  known(name: string): Answer | undefined {
    return this.#cache.get(name);
  }

  ask(name: string): Promise<Answer> {
    return this.#open.get(name) ?? this.#askSource(name);
  }

  #askSource(name: string): Promise<Answer> {
    const answer = this.#source.ask(name, this.#family).then((finding) => {
      this.#open.delete(name);
      this.#cache.put(name, finding);
      return finding.answer;
    });
    this.#open.set(name, answer);
    return answer;
  }
}

/** One value for all: a client that floods us shall not make us build errors. */
const BUSY = new Fault('RESOLVER_BUSY');

const LOCALHOST: NameLookup = {
  ipv6: [ipFromBytes(new Uint8Array(16).fill(1, 15))],
  ipv4: [ipFromBytes(Uint8Array.of(127, 0, 0, 1))],
};

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
