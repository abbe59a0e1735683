// Who can be asked for the addresses of a name: name servers (nameservers.ts) or the system (getaddrinfo.ts).
import type { Fault } from '../base/fault.ts';
import type { Ip } from '../base/ip.ts';

/** The addresses of one family, possibly none; or why nobody knows: RESOLVER_FAILED or RESOLVER_BUSY. */
export type Answer = readonly Ip[] | Fault;

/** An answer and for how long it holds; 0: for this question only. */
export interface Finding {
  readonly answer: Answer;
  readonly ttlMs: number;
}

export interface NameSource {
  /** Asks for one family of a name (lower case, no trailing dot). Never rejects. */
  ask(name: string, family: 4 | 6): Promise<Finding>;
  /** Gives up the questions that are still open: they end with RESOLVER_FAILED. */
  close(): void;
}
