// Answers of proxies as faults. A REP of SOCKS5 reaches our client as the same REP.
import type { FaultCode } from '../../base/fault.ts';
import { REP } from '../../protocol/codes.ts';

const OF_REP: ReadonlyMap<number, FaultCode> = new Map([
  [REP.GENERAL_FAILURE, 'PROXY_FAILED'],
  [REP.NOT_ALLOWED, 'PROXY_DENIED'],
  [REP.NETWORK_UNREACHABLE, 'NETWORK_UNREACHABLE'],
  [REP.HOST_UNREACHABLE, 'HOST_UNREACHABLE'],
  [REP.CONNECTION_REFUSED, 'CONNECTION_REFUSED'],
  [REP.TTL_EXPIRED, 'CONNECT_TIMEOUT'],
  [REP.COMMAND_NOT_SUPPORTED, 'COMMAND_UNSUPPORTED'],
  [REP.ADDRESS_TYPE_NOT_SUPPORTED, 'ADDRESS_TYPE_UNSUPPORTED'],
]);

/** tinyproxy sends 500 if it cannot connect, squid 503. */
const OF_STATUS: ReadonlyMap<number, FaultCode> = new Map([
  [401, 'PROXY_LOGIN_FAILED'],
  [403, 'PROXY_DENIED'],
  [404, 'HOST_UNREACHABLE'],
  [407, 'PROXY_LOGIN_FAILED'],
  [451, 'PROXY_DENIED'],
  [502, 'HOST_UNREACHABLE'],
  [503, 'HOST_UNREACHABLE'],
  [504, 'CONNECT_TIMEOUT'],
]);

/** The fault of a REP other than 0 (RFC 1928 section 6). */
export function faultOfRep(rep: number): FaultCode {
  return OF_REP.get(rep) ?? 'PROXY_FAILED';
}

/** The fault of an HTTP status that is no success (RFC 9110 section 15). */
export function faultOfStatus(status: number): FaultCode {
  return OF_STATUS.get(status) ?? 'PROXY_FAILED';
}
