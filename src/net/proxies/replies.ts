// Answers of proxies as faults. A REP of SOCKS5 reaches our client as the same REP.
import type { FaultCode } from '../../base/fault.ts';
import { REP } from '../../protocol/codes.ts';
import type { ConnectAnswer } from '../../protocol/httpconnect.ts';

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
  [405, 'COMMAND_UNSUPPORTED'],
  [407, 'PROXY_LOGIN_FAILED'],
  [451, 'PROXY_DENIED'],
  [501, 'COMMAND_UNSUPPORTED'],
  [502, 'HOST_UNREACHABLE'],
  [503, 'HOST_UNREACHABLE'],
  [504, 'CONNECT_TIMEOUT'],
]);

/** The fault of a REP other than 0 (RFC 1928 section 6). */
export function faultOfRep(rep: number): FaultCode {
  return OF_REP.get(rep) ?? 'PROXY_FAILED';
}

/** Error types (RFC 9209 section 2.3) that say more than their status. */
const OF_ERROR: ReadonlyMap<string, FaultCode> = new Map([
  ['connection_limit_reached', 'PROXY_FAILED'],
  ['connection_refused', 'CONNECTION_REFUSED'],
  ['connection_terminated', 'CONNECTION_REFUSED'],
  ['connection_timeout', 'CONNECT_TIMEOUT'],
  ['destination_ip_prohibited', 'PROXY_DENIED'],
  ['destination_ip_unroutable', 'NETWORK_UNREACHABLE'],
  ['destination_not_found', 'HOST_UNREACHABLE'],
  ['destination_unavailable', 'HOST_UNREACHABLE'],
  ['dns_error', 'HOST_UNREACHABLE'],
  ['dns_timeout', 'HOST_UNREACHABLE'],
  ['http_request_denied', 'PROXY_DENIED'],
  ['proxy_internal_error', 'PROXY_FAILED'],
]);

/**
 * The fault of an answer that is no success: by its error type, else by its status (RFC 9110 section 15). Where a login is missing
 * the status alone counts.
 */
export function faultOfAnswer({ status, error }: Pick<ConnectAnswer, 'status' | 'error'>): FaultCode {
  const byError = status === 407 || error === undefined ? undefined : OF_ERROR.get(error);
  return byError ?? OF_STATUS.get(status) ?? 'PROXY_FAILED';
}
