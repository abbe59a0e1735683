// Ends a session that cannot go on: the refusal of its speaker, FIN, and one event.
import { Fault, type FaultCode } from '../base/fault.ts';
import type { Ruling } from '../policy/rules/rules.ts';
import { REP, type Rep } from '../protocol/codes.ts';
import { denialOf } from './asking.ts';
import type { Report } from './events.ts';
import { LISTENER } from './dialect.ts';
import { isCrowding } from './logins.ts';
import type { Handshake } from './session.ts';
import { withStage } from './spoken.ts';

/** REP for each fault (RFC 1928 section 6); undefined: closed without an answer. */
const REP_OF: Readonly<Record<FaultCode, Rep | undefined>> = {
  VERSION_UNSUPPORTED: undefined,
  TLS_UNEXPECTED: undefined,
  MESSAGE_MALFORMED: REP.GENERAL_FAILURE,
  HEAD_TOO_LONG: REP.GENERAL_FAILURE,
  METHOD_UNACCEPTABLE: REP.NOT_ALLOWED,
  LOGIN_VERSION_UNSUPPORTED: REP.NOT_ALLOWED,
  LOGIN_FAILED: REP.NOT_ALLOWED,
  LOGIN_EMPTY: REP.NOT_ALLOWED,
  LOGIN_LOCKED: REP.NOT_ALLOWED,
  LOGIN_EXPIRED: REP.NOT_ALLOWED,
  LOGIN_BUSY: REP.NOT_ALLOWED,
  LOGIN_UNCHECKED: REP.NOT_ALLOWED,
  LOGIN_UNAVAILABLE: REP.NOT_ALLOWED,
  LOGIN_IMPOSSIBLE: REP.NOT_ALLOWED,
  TICKET_REFUSED: REP.NOT_ALLOWED,
  COMMAND_UNSUPPORTED: REP.COMMAND_NOT_SUPPORTED,
  ADDRESS_TYPE_UNSUPPORTED: REP.ADDRESS_TYPE_NOT_SUPPORTED,
  NAME_INVALID: REP.HOST_UNREACHABLE,
  PORT_INVALID: REP.HOST_UNREACHABLE,
  USER_ID_TOO_LONG: undefined,
  PROXY_HEADER_BAD: undefined,
  PROXY_HEADER_UNTRUSTED: undefined,
  CLIENT_HIDDEN: REP.NOT_ALLOWED,
  CLIENT_DENIED: REP.NOT_ALLOWED,
  CLIENT_BANNED: REP.NOT_ALLOWED,
  CLIENT_IS_SELF: REP.NOT_ALLOWED,
  CLIENT_NOT_LOCAL: REP.NOT_ALLOWED,
  REQUEST_DENIED: REP.NOT_ALLOWED,
  GUARD_DENIED: REP.NOT_ALLOWED,
  SESSIONS_FULL: undefined,
  LIMIT_REACHED: REP.GENERAL_FAILURE,
  PRESSED_OUT: undefined,
  RESOURCES_EXHAUSTED: REP.GENERAL_FAILURE,
  NAME_NOT_FOUND: REP.HOST_UNREACHABLE,
  RESOLVER_FAILED: REP.HOST_UNREACHABLE,
  RESOLVER_BUSY: REP.GENERAL_FAILURE,
  NETWORK_UNREACHABLE: REP.NETWORK_UNREACHABLE,
  HOST_UNREACHABLE: REP.HOST_UNREACHABLE,
  CONNECTION_REFUSED: REP.CONNECTION_REFUSED,
  CONNECT_TIMEOUT: REP.TTL_EXPIRED,
  FAMILY_UNSUPPORTED: REP.ADDRESS_TYPE_NOT_SUPPORTED,
  SOURCE_UNAVAILABLE: REP.NETWORK_UNREACHABLE,
  CONNECT_FORBIDDEN: REP.NOT_ALLOWED,
  CONNECT_FAILED: REP.GENERAL_FAILURE,
  PROXY_UNREACHABLE: REP.GENERAL_FAILURE,
  PROXY_IS_SELF: REP.GENERAL_FAILURE,
  PROXY_DENIED: REP.NOT_ALLOWED,
  PROXY_FAILED: REP.GENERAL_FAILURE,
  PROXY_TLS_FAILED: REP.GENERAL_FAILURE,
  PROXY_LOGIN_FAILED: REP.GENERAL_FAILURE,
  PROXY_MALFORMED: REP.GENERAL_FAILURE,
  PROXY_CLOSED: REP.GENERAL_FAILURE,
  PROXY_WITHOUT_UDP: REP.COMMAND_NOT_SUPPORTED,
  PORT_UNAVAILABLE: REP.GENERAL_FAILURE,
  BIND_TIMEOUT: REP.TTL_EXPIRED,
  STRANGER: REP.NOT_ALLOWED,
  WRONG_DOOR: undefined,
  TLS_FAILED: undefined,
  HANDSHAKE_TIMEOUT: undefined,
  CLIENT_CLOSED: undefined,
  PEER_RESET: REP.CONNECTION_REFUSED,
  SHUTTING_DOWN: undefined,
  KICKED: undefined,
  NO_LONGER_ALLOWED: REP.NOT_ALLOWED,
};

/** Answers, closes and reports. A failure that is no Fault is a bug and is thrown on. */
export function refuse(handshake: Handshake, failure: unknown, report: Report): void {
  handshake.deadline.clear();
  if (!(failure instanceof Fault)) throw failure;
  if (failure.code === 'PRESSED_OUT') {
    // The client in its place needs the descriptor, and has counted it.
    handshake.leg.close('reset');
    return;
  }
  const { leg, speaker, programRep } = handshake;
  if (handshake.isKept && speaker === LISTENER) {
    // It has what it wanted, and was told of as another session.
    leg.close('fin');
    return;
  }
  const rep = programRep ?? REP_OF[failure.code];
  const refusal = speaker.refusal(rep, failure);
  if (refusal !== undefined) leg.write(refusal);
  // A balancer that is not configured shall notice at once that it is refused.
  leg.close(failure.code === 'PROXY_HEADER_UNTRUSTED' ? 'reset' : 'fin');
  if (isCrowding(failure)) {
    // A flood of logins would be a flood of records, and none of them says anything about the client.
    handshake.home.crowdedOut(handshake.session.client, failure);
    return;
  }
  report({
    kind: 'refused',
    session: handshake.session,
    fault: withStage(handshake, failure),
    rep: speaker.tellsRep ? rep : undefined,
  });
}

/** Turns a denial into the fault that ends the session. */
export function mustAllow(ruling: Ruling): void {
  const denial = denialOf(ruling);
  if (denial !== undefined) throw denial;
}
