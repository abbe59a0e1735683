// The failure that a client is told when several addresses were tried and each failed.
import type { Fault, FaultCode } from '../../base/fault.ts';

/** Most telling first: an answer, silence, an unreachable network; `undefined` stands for every other code. */
const RANKING: readonly (FaultCode | undefined)[] = [
  'CONNECTION_REFUSED',
  'CONNECT_TIMEOUT',
  'HOST_UNREACHABLE',
  'NETWORK_UNREACHABLE',
  undefined,
  // No address was tried, or none could be.
  'GUARD_DENIED',
  'REQUEST_DENIED',
  'FAMILY_UNSUPPORTED',
  'SOURCE_UNAVAILABLE',
  'RESOLVER_BUSY',
  'RESOLVER_FAILED',
];

/** The more telling of two failures; the first of equals. */
export function moreTelling(first: Fault | undefined, second: Fault): Fault {
  return first !== undefined && rankOf(first) <= rankOf(second) ? first : second;
}

function rankOf(fault: Fault): number {
  const rank = RANKING.indexOf(fault.code);
  return rank === -1 ? RANKING.indexOf(undefined) : rank;
}
