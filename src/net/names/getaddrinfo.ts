// Questions to the system: getaddrinfo(3) and getnameinfo(3), with every source that nsswitch.conf(5) names. Each
// call holds one of the threads that Node shares with file access for as long as the slowest server takes, so few run
// at a time.
import { lookup, lookupService } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { Fault } from '../../base/fault.ts';
import { familyOf, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import { withoutZone } from '../../base/zoned.ts';
import type { Owner } from '../../policy/room/owner.ts';
import { BUSY } from '../dns/lookupplaces.ts';
import type { Answer, Finding, NameAnswer, NameSource } from '../dns/namesource.ts';
import { nameAmong } from '../dns/reversename.ts';
import { SystemCalls, type SystemQuestion } from './systemcalls.ts';

/** The two calls; each rejects with the system's error. */
interface System {
  /** getaddrinfo(3), for both families. */
  readonly addresses: (name: string) => Promise<readonly LookupAddress[]>;
  /** getnameinfo(3). */
  readonly name: (ip: Ip) => Promise<string>;
}

/** `verbatim` keeps the order of RFC 6724, in which the system has sorted them. */
const SYSTEM: System = {
  addresses: (name) => lookup(name, { all: true, verbatim: true }),
  name: async (ip) => (await lookupService(withoutZone(ip), 0)).hostname,
};

/** The finding of one call; undefined: the system has no answer. */
type CallResult<T> = T | Fault | undefined;

export class Getaddrinfo implements NameSource {
  readonly families = 'together';
  readonly #system: System;
  readonly #calls: SystemCalls;
  /** One call answers for both families of a name. */
  readonly #addresses = new Map<string, PendingCall<readonly LookupAddress[]>>();
  readonly #names = new Map<Ip, PendingCall<string>>();
  #isClosed = false;

  /** `maxCalls`: calls at a time. More than half of the threads would leave none for files. */
  constructor(maxCalls: number, system: Partial<System> = {}) {
    this.#system = { ...SYSTEM, ...system };
    this.#calls = new SystemCalls(maxCalls);
  }

  /** The system does not tell lifetimes, and has caches of its own: no answer is kept. */
  async ask(name: string, family: 4 | 6, owner: Owner): Promise<Finding<Answer>> {
    const found = await this.#inTurn(this.#addresses, name, owner, () => this.#system.addresses(name));
    if (found instanceof Fault) return { answer: found, ttlMs: 0 };
    return { answer: usableAddresses(found ?? []).filter((ip) => familyOf(ip) === family), ttlMs: 0 };
  }

  async reverse(ip: Ip, owner: Owner): Promise<Finding<NameAnswer>> {
    const found = await this.#inTurn(this.#names, ip, owner, () => this.#system.name(ip));
    if (found instanceof Fault) return { answer: found, ttlMs: 0 };
    return { answer: nameAmong(found === undefined ? [] : [found]), ttlMs: 0 };
  }

  /** The system applies its search list itself. */
  completions(name: string): readonly string[] {
    return [name];
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The finding of `call`, shared by all callers that ask for `subject` meanwhile. Never rejects. */
  #inTurn<T>(
    open: Map<string, PendingCall<T>>,
    subject: string,
    owner: Owner,
    call: () => Promise<T>,
  ): Promise<CallResult<T>> {
    const asked = open.get(subject) ?? this.#newQuestion(open, subject, call);
    this.#calls.claim(asked.question, owner);
    return asked.found;
  }

  #newQuestion<T>(
    open: Map<string, PendingCall<T>>,
    subject: string,
    call: () => Promise<T>,
  ): PendingCall<T> {
    let answer: (found: CallResult<T>) => void = () => undefined;
    const found = new Promise<CallResult<T>>((resolve) => (answer = resolve));
    const end = (result: CallResult<T>): void => {
      open.delete(subject);
      answer(result);
    };
    const question = {
      call: async () => end(this.#isClosed ? CLOSED : await foundBy(call)),
      giveUp: () => end(BUSY),
      claims: 0,
      hasBegun: false,
    };
    const asked = { question, found };
    open.set(subject, asked);
    return asked;
  }
}

/** A question, queued or on its way, with the promise that all its callers wait for. */
interface PendingCall<T> {
  readonly question: SystemQuestion;
  readonly found: Promise<CallResult<T>>;
}

const CLOSED = new Fault('RESOLVER_FAILED', 'the resolver was closed');

async function foundBy<T>(call: () => Promise<T>): Promise<CallResult<T>> {
  try {
    return await call();
  } catch (error) {
    return callFault(error);
  }
}

/** Addresses with a zone id (link-local ones) are of no use here and are left out. */
function usableAddresses(found: readonly LookupAddress[]): Ip[] {
  const addresses: Ip[] = [];
  for (const { address } of found) {
    const ip = parseIp(address);
    if (ip !== undefined) addresses.push(unmapIp(ip));
  }
  return addresses;
}

/** Node reports EAI_NONAME and EAI_NODATA as ENOTFOUND. */
function callFault(error: unknown): Fault | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' ? undefined : new Fault('RESOLVER_FAILED', error);
}
