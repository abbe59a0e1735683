// Who can be asked for the addresses of a name and the name of an address: name servers (nameservers.ts) or the
// system (getaddrinfo.ts).
import { monotonicMs } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { Owner } from '../../policy/room/owner.ts';

/** The addresses of one family, possibly none; or why nobody knows: RESOLVER_FAILED or RESOLVER_BUSY. */
export type Answer = readonly Ip[] | Fault;

/**
 * The name of an address, in lower case without a trailing dot; or why there is none to tell: NAME_NOT_FOUND,
 * RESOLVER_FAILED or RESOLVER_BUSY. It is what the holder of the address likes to call it.
 */
export type NameAnswer = string | Fault;

/** An answer and for how long it holds; 0: for this question only. */
export interface Finding<T> {
  readonly answer: T;
  readonly ttlMs: number;
}

/** The first try at a name server (resolv.conf(5), `timeout`). */
export const FIRST_TRY_MS = 5000;

/**
 * Why there is no answer at `end` to what was asked at `askedAt`, a monotonicMs(). Time that ran out after a first try is the
 * fault of those who were asked; before that it was too short for them.
 */
export function whyUnanswered(end: Fault, askedAt: number, patienceMs = FIRST_TRY_MS): Fault {
  if (end.code !== 'CONNECT_TIMEOUT' || monotonicMs() - askedAt < patienceMs) return end;
  return new Fault('RESOLVER_FAILED', 'no answer within connect-timeout');
}

/** Equal questions on their way are one. */
export interface NameSource {
  /** `together`: one question answers for both families of a name. */
  readonly families: 'apart' | 'together';
  /** Asks for one family of a name (lower case, no trailing dot), on behalf of `owner`. Never rejects. */
  ask(name: string, family: 4 | 6, owner: Owner): Promise<Finding<Answer>>;
  /** Asks for the name of an address. Never rejects. */
  reverse(ip: Ip, owner: Owner): Promise<Finding<NameAnswer>>;
  /** The names that one in lower case without a trailing dot may stand for, in the order in which they are to be asked for. */
  completions(name: string): readonly string[];
  /** Gives up the questions that are still open: they end with RESOLVER_FAILED. */
  close(): void;
}
