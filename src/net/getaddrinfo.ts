// Asks the system: getaddrinfo(3), with everything that nsswitch.conf(5) names. Each call holds one of the four
// threads that Node shares with file access, for as long as the slowest server takes, so two run at a time.
import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { Fault } from '../base/fault.ts';
import { familyOf, parseIp, unmapIp, type Ip } from '../base/ip.ts';
import type { Answer, Finding, NameSource } from './namesource.ts';

const MAX_CALLS = 2;

/** One call of getaddrinfo(3) for both families; rejects with its error. */
type CallSystem = (name: string) => Promise<readonly LookupAddress[]>;

export class Getaddrinfo implements NameSource {
  readonly #call: CallSystem;
  /** One call answers for both families of a name. */
  readonly #open = new Map<string, Promise<Answer>>();
  readonly #waiting: (() => void)[] = [];
  #calls = 0;
  #closed = false;

  constructor(call: CallSystem = callSystem) {
    this.#call = call;
  }

  /** The system does not say how long an answer holds, and has caches of its own: nothing is kept. */
  async ask(name: string, family: 4 | 6): Promise<Finding> {
    const answer = await (this.#open.get(name) ?? this.#askBoth(name));
    if (answer instanceof Fault) return { answer, ttlMs: 0 };
    return { answer: answer.filter((ip) => familyOf(ip) === family), ttlMs: 0 };
  }

  close(): void {
    this.#closed = true;
  }

  #askBoth(name: string): Promise<Answer> {
    const answer = this.#inTurn(name).finally(() => this.#open.delete(name));
    this.#open.set(name, answer);
    return answer;
  }

  async #inTurn(name: string): Promise<Answer> {
    if (this.#calls < MAX_CALLS) this.#calls += 1;
    else await new Promise<void>((resume) => this.#waiting.push(resume));
    try {
      if (this.#closed) return new Fault('RESOLVER_FAILED', 'the resolver was closed');
      return addressesOf(await this.#call(name));
    } catch (error) {
      return answerOfError(error);
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

/** `verbatim` keeps the order of RFC 6724, by which the system has sorted. */
function callSystem(name: string): Promise<LookupAddress[]> {
  return lookup(name, { all: true, verbatim: true });
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
function answerOfError(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' ? [] : new Fault('RESOLVER_FAILED', error);
}
