// `nat64-prefix = auto`: the prefixes of NAT64 in this network, by what the resolver says of `ipv4only.arpa` (RFC 7050). Sessions
// do not wait for the answer; it counts for all of them from the moment it comes.
import { Fault } from '../../base/fault.ts';
import { formatCidr, LOOPBACK_IPV4, type Ip } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import type { Resolver } from '../../net/names/resolve.ts';
import type { Log } from '../../observe/log.ts';
import {
  nat64Carriers,
  nat64PrefixesOf,
  type Ipv4Carrier,
  type FoundCarriers,
} from '../../policy/rules/carriers.ts';

const NAME = 'ipv4only.arpa';
const AGAIN_MS = 3_600_000;
/** A network has one or a few. */
const MAX_PREFIXES = 16;

export class Nat64 implements FoundCarriers {
  readonly #resolver: Pick<Resolver, 'lookup'>;
  readonly #log: Pick<Log, 'write'>;
  /** By their text. They are kept over all later answers: no answer may open what an earlier one closed. */
  readonly #found = new Map<string, Ipv4Carrier>();
  #carriers: readonly Ipv4Carrier[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Asks nothing before follow(). */
  constructor(resolver: Pick<Resolver, 'lookup'>, log: Pick<Log, 'write'>) {
    this.#resolver = resolver;
    this.#log = log;
  }

  get carriers(): readonly Ipv4Carrier[] {
    return this.#carriers;
  }

  /** Asks now and every hour where the configuration says `auto`, and else no more. */
  follow({ nat64Prefixes }: Pick<Config, 'nat64Prefixes'>): void {
    clearInterval(this.#timer);
    if (!nat64Prefixes.includes('auto')) return;
    this.#timer = setInterval(() => void this.ask(), AGAIN_MS).unref();
    void this.ask();
  }

  /** Settles when there is an answer. Never rejects: without one, everything stays as it is. */
  async ask(): Promise<void> {
    // The IPv4 addresses of this name are well known.
    const withoutIpv4 = (family: 4 | 6) => (family === 4 ? 'unasked' : undefined);
    const answer = await this.#resolver.lookup(NAME, LOOPBACK_IPV4, withoutIpv4).ipv6;
    if (!(answer instanceof Fault)) this.#add(answer);
  }

  #add(addresses: readonly Ip[]): void {
    const fresh = nat64PrefixesOf(addresses)
      .filter((prefix) => !this.#found.has(formatCidr(prefix)))
      .slice(0, MAX_PREFIXES - this.#found.size);
    if (fresh.length === 0) return;
    for (const prefix of fresh) {
      for (const carrier of nat64Carriers([prefix])) this.#found.set(formatCidr(prefix), carrier);
    }
    this.#carriers = [...this.#found.values()];
    this.#log.write('notice', 'nat64', { prefix: fresh.map(formatCidr).join(',') }, WHY);
  }
}

const WHY =
  'the name server says that a translator leads addresses below it to IPv4: the guard counts them as what they carry, too';
