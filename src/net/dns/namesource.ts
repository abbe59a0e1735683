// The sources that know addresses of names and names of addresses: name servers (nameservers.ts) or the system
// (getaddrinfo.ts).
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** The addresses of one family, possibly none; or the reason why they are unknown: RESOLVER_FAILED or RESOLVER_BUSY. */
export type Answer = readonly Ip[] | Fault;

/**
 * The name of an address, in lower case without a trailing dot; or the reason why there is none: NAME_NOT_FOUND,
 * RESOLVER_FAILED or RESOLVER_BUSY. The holder of the address chooses it freely.
 */
export type NameAnswer = string | Fault;

/** An answer with its lifetime; 0: for this question only. */
export interface Finding<T> {
  readonly answer: T;
  readonly ttlMs: number;
}

/** The timeout of the first attempt at a name server (resolv.conf(5), `timeout`). */
export const FIRST_TRY_MS = 5000;

/**
 * The reason for having no answer at `end` to a question of `askedAt`, both by monotonicMs(). After a full first
 * attempt the name servers are at fault; before that the time was too short.
 */
export function whyUnanswered(end: Fault, askedAt: number, patienceMs = FIRST_TRY_MS): Fault {
  if (end.code !== 'CONNECT_TIMEOUT' || monotonicMs() - askedAt < patienceMs) return end;
  return new Fault('RESOLVER_FAILED', 'no answer within connect-timeout');
}

/** Equal questions share one answer. */
export interface NameSource {
  /** `together`: one question answers for both families of a name. */
  readonly families: 'apart' | 'together';
  /** Asks for one family of a name (lower case, no trailing dot) on behalf of `owner`. Never rejects. */
  ask(name: string, family: 4 | 6, owner: Owner): Promise<Finding<Answer>>;
  /** Asks for the name of an address. Never rejects. */
  reverse(ip: Ip, owner: Owner): Promise<Finding<NameAnswer>>;
  /** The names that a name (lower case, no trailing dot) may stand for, in the order of asking. */
  completions(name: string): readonly string[];
  /** Ends all open questions with RESOLVER_FAILED. */
  close(): void;
}
