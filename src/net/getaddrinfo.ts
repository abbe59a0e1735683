// Asks the system: getaddrinfo(3) and getnameinfo(3), with everything that nsswitch.conf(5) names. Each call holds one
// of the four threads that Node shares with file access, for as long as the slowest server takes, so two run at a time.
import { lookup, lookupService } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { Fault } from '../base/fault.ts';
import { familyOf, parseIp, unmapIp, type Ip } from '../base/ip.ts';
import type { Answer, Finding, NameAnswer, NameSource } from './namesource.ts';
import { nameAmong } from './reversename.ts';

const MAX_CALLS = 2;

/** The two calls; each rejects with the system's error. */
interface SystemCalls {
  /** getaddrinfo(3), for both families. */
  readonly addresses: (name: string) => Promise<readonly LookupAddress[]>;
  /** getnameinfo(3). */
  readonly name: (ip: Ip) => Promise<string>;
}

/** `verbatim` keeps the order of RFC 6724, by which the system has sorted. */
const SYSTEM: SystemCalls = {
  addresses: (name) => lookup(name, { all: true, verbatim: true }),
  name: async (ip) => (await lookupService(ip, 0)).hostname,
};

export class Getaddrinfo implements NameSource {
  readonly #system: SystemCalls;
  /** One call answers for both families of a name. */
  readonly #open = new Map<string, Promise<Answer>>();
  readonly #waiting: (() => void)[] = [];
  #calls = 0;
  #closed = false;

  constructor(system: Partial<SystemCalls> = {}) {
    this.#system = { ...SYSTEM, ...system };
  }

  /** The system does not say how long an answer holds, and has caches of its own: nothing is kept. */
  async ask(name: string, family: 4 | 6): Promise<Finding<Answer>> {
    const answer = await (this.#open.get(name) ?? this.#askBoth(name));
    if (answer instanceof Fault) return { answer, ttlMs: 0 };
    return { answer: answer.filter((ip) => familyOf(ip) === family), ttlMs: 0 };
  }

  async reverse(ip: Ip): Promise<Finding<NameAnswer>> {
    const name = await this.#inTurn(() => this.#system.name(ip));
    if (name instanceof Fault) return { answer: name, ttlMs: 0 };
    return { answer: nameAmong(name === undefined ? [] : [name]), ttlMs: 0 };
  }

  close(): void {
    this.#closed = true;
  }

  #askBoth(name: string): Promise<Answer> {
    const answer = this.#inTurn(() => this.#system.addresses(name)).then((found) => {
      this.#open.delete(name);
      return found instanceof Fault ? found : addressesOf(found ?? []);
    });
    this.#open.set(name, answer);
    return answer;
  }

  /** What `call` found; undefined: the system knows nothing of it. Never rejects. */
  async #inTurn<T>(call: () => Promise<T>): Promise<T | Fault | undefined> {
    if (this.#calls < MAX_CALLS) this.#calls += 1;
    else await new Promise<void>((resume) => this.#waiting.push(resume));
    try {
      if (this.#closed) return new Fault('RESOLVER_FAILED', 'the resolver was closed');
      return await call();
    } catch (error) {
      return faultOf(error);
    } finally {
      this.#passTurn();
    }
  }

  /** The turn goes to the next in the queue, so the number of calls stays as it is. */
  #passTurn(): void {
    const resume = this.#waiting.shift();
    if (resume === undefined) this.#calls -= 1;
    else resume();
  }
}

/** Addresses with a zone id (link-local ones) are not usable here and left out. */
function addressesOf(found: readonly LookupAddress[]): Ip[] {
  const addresses: Ip[] = [];
  for (const { address } of found) {
    const ip = parseIp(address);
    if (ip !== undefined) addresses.push(unmapIp(ip));
  }
  return addresses;
}

/** Node says ENOTFOUND for EAI_NONAME and EAI_NODATA. */
function faultOf(error: unknown): Fault | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' ? undefined : new Fault('RESOLVER_FAILED', error);
}
