// The status of HTTP for each fault, and its error type of RFC 9209. A chain of ours reads both back into the fault that the same
// REP of SOCKS5 would be (net/proxies/replies.ts); test/session/httpstatus.test.ts compares them.
import type { FaultCode } from '../../base/fault.ts';
import { REP, type Rep } from '../../protocol/codes.ts';
import type { HttpStatus, ProxyError } from '../../protocol/http/httpreply.ts';

export interface ToldStatus {
  readonly status: HttpStatus;
  readonly error?: ProxyError;
}

const MALFORMED: ToldStatus = { status: 400, error: 'http_request_error' };
const NO_SUCH_PLACE: ToldStatus = { status: 400, error: 'destination_not_found' };
const LOGIN: ToldStatus = { status: 407 };
const DENIED: ToldStatus = { status: 403, error: 'http_request_denied' };
const UNKNOWN_COMMAND: ToldStatus = { status: 501, error: 'http_request_error' };
const LIMITED: ToldStatus = { status: 429, error: 'connection_limit_reached' };
const BUSY: ToldStatus = { status: 503, error: 'proxy_internal_error' };
const UNREACHABLE: ToldStatus = { status: 502, error: 'destination_unavailable' };
const UNROUTABLE: ToldStatus = { status: 502, error: 'destination_ip_unroutable' };
const FAILED: ToldStatus = { status: 502, error: 'proxy_internal_error' };
const TIMEOUT: ToldStatus = { status: 504, error: 'connection_timeout' };

/** undefined: closed without an answer. */
export const STATUS_OF: Readonly<Record<FaultCode, ToldStatus | undefined>> = {
  VERSION_UNSUPPORTED: { status: 400 },
  TLS_UNEXPECTED: undefined,
  WRONG_DOOR: undefined,
  TLS_FAILED: undefined,
  MESSAGE_MALFORMED: MALFORMED,
  HEAD_TOO_LONG: { status: 431, error: 'http_request_error' },
  METHOD_UNACCEPTABLE: LOGIN,
  LOGIN_VERSION_UNSUPPORTED: LOGIN,
  LOGIN_FAILED: LOGIN,
  LOGIN_EMPTY: LOGIN,
  LOGIN_LOCKED: LOGIN,
  LOGIN_EXPIRED: LOGIN,
  LOGIN_BUSY: BUSY,
  LOGIN_UNCHECKED: BUSY,
  LOGIN_UNAVAILABLE: BUSY,
  LOGIN_IMPOSSIBLE: LOGIN,
  TICKET_REFUSED: LOGIN,
  COMMAND_UNSUPPORTED: UNKNOWN_COMMAND,
  ADDRESS_TYPE_UNSUPPORTED: MALFORMED,
  NAME_INVALID: NO_SUCH_PLACE,
  PORT_INVALID: NO_SUCH_PLACE,
  USER_ID_TOO_LONG: MALFORMED,
  PROXY_HEADER_BAD: undefined,
  PROXY_HEADER_UNTRUSTED: undefined,
  CLIENT_HIDDEN: DENIED,
  CLIENT_DENIED: DENIED,
  CLIENT_BANNED: DENIED,
  CLIENT_IS_SELF: { status: 403, error: 'proxy_loop_detected' },
  CLIENT_NOT_LOCAL: DENIED,
  REQUEST_DENIED: DENIED,
  GUARD_DENIED: DENIED,
  SESSIONS_FULL: BUSY,
  LIMIT_REACHED: LIMITED,
  PRESSED_OUT: undefined,
  RESOURCES_EXHAUSTED: BUSY,
  NAME_NOT_FOUND: { status: 502, error: 'dns_error' },
  RESOLVER_FAILED: { status: 504, error: 'dns_timeout' },
  RESOLVER_BUSY: BUSY,
  NETWORK_UNREACHABLE: UNROUTABLE,
  HOST_UNREACHABLE: UNREACHABLE,
  CONNECTION_REFUSED: { status: 502, error: 'connection_refused' },
  CONNECT_TIMEOUT: TIMEOUT,
  FAMILY_UNSUPPORTED: UNROUTABLE,
  SOURCE_UNAVAILABLE: UNROUTABLE,
  CONNECT_FORBIDDEN: DENIED,
  CONNECT_FAILED: FAILED,
  PROXY_UNREACHABLE: FAILED,
  PROXY_IS_SELF: FAILED,
  PROXY_DENIED: DENIED,
  PROXY_FAILED: FAILED,
  PROXY_TLS_FAILED: FAILED,
  PROXY_LOGIN_FAILED: FAILED,
  PROXY_MALFORMED: FAILED,
  PROXY_CLOSED: FAILED,
  PROXY_WITHOUT_UDP: UNKNOWN_COMMAND,
  PORT_UNAVAILABLE: FAILED,
  BIND_TIMEOUT: TIMEOUT,
  STRANGER: DENIED,
  HANDSHAKE_TIMEOUT: { status: 408 },
  CLIENT_CLOSED: undefined,
  PEER_RESET: { status: 502, error: 'connection_terminated' },
  SHUTTING_DOWN: { status: 503, error: 'proxy_internal_error' },
  KICKED: undefined,
  NO_LONGER_ALLOWED: DENIED,
};

/** For a program that refuses a request by its REP. */
const STATUS_OF_REP: Readonly<Record<Rep, ToldStatus>> = {
  [REP.SUCCEEDED]: FAILED,
  [REP.GENERAL_FAILURE]: FAILED,
  [REP.NOT_ALLOWED]: DENIED,
  [REP.NETWORK_UNREACHABLE]: UNROUTABLE,
  [REP.HOST_UNREACHABLE]: UNREACHABLE,
  [REP.CONNECTION_REFUSED]: { status: 502, error: 'connection_refused' },
  [REP.TTL_EXPIRED]: TIMEOUT,
  [REP.COMMAND_NOT_SUPPORTED]: UNKNOWN_COMMAND,
  [REP.ADDRESS_TYPE_NOT_SUPPORTED]: UNROUTABLE,
};

/** `programRep`: the REP of a program that refuses; undefined: no program has refused. */
export function toldOf(code: FaultCode, programRep: Rep | undefined): ToldStatus | undefined {
  return programRep === undefined ? STATUS_OF[code] : STATUS_OF_REP[programRep];
}
