// The one error type of the program, and the closed list of what can go wrong for a session.
// Code branches on `code`, never on a message; session/refuse.ts maps each code to an RFC 1928 REP.

/** Every fault code with the sentence that logs print for it. */
export const FAULTS = {
  // Messages of the client.
  VERSION_UNSUPPORTED: 'first byte is not a supported SOCKS version',
  TLS_UNEXPECTED: 'TLS, where none is spoken',
  MESSAGE_MALFORMED: 'malformed message',
  HEAD_TOO_LONG: 'HTTP head that is too long',
  METHOD_UNACCEPTABLE: 'no acceptable authentication method offered',
  LOGIN_VERSION_UNSUPPORTED: 'wrong version of the login sub-negotiation',
  LOGIN_FAILED: 'unknown user or wrong password',
  LOGIN_EMPTY: 'empty password, as of a client in which none is configured',
  LOGIN_LOCKED: 'the password is right, but the user is locked',
  LOGIN_EXPIRED: 'the password is right, but the user has expired',
  LOGIN_BUSY: 'too many logins waiting for their password check',
  LOGIN_UNCHECKED: 'the password could not be checked: a fault of this host and not of the client',
  LOGIN_UNAVAILABLE: 'nobody could say whether the login is right: who is asked about it has failed',
  LOGIN_IMPOSSIBLE: 'a login is required, and SOCKS4 has none',
  TICKET_REFUSED: 'the ticket of Kerberos is not accepted',
  COMMAND_UNSUPPORTED: 'command not supported',
  ADDRESS_TYPE_UNSUPPORTED: 'address type not supported',
  NAME_INVALID: 'destination is not a valid host name',
  PORT_INVALID: 'destination port is zero',
  USER_ID_TOO_LONG: 'SOCKS4 user id of more than 255 bytes',
  // Headers of the PROXY protocol.
  PROXY_HEADER_BAD: 'no header of the PROXY protocol where a balancer must send one, or one that is damaged',
  PROXY_HEADER_UNTRUSTED: 'a header of the PROXY protocol, whose sender is not in proxy-protocol',
  CLIENT_HIDDEN: 'its balancer does not say who it is, and no network rule admits the balancer itself',
  // Decisions of the rules.
  CLIENT_DENIED: 'client address denied by the rules',
  CLIENT_BANNED: 'too many failed logins of this client',
  CLIENT_IS_SELF: 'it comes from this daemon itself: a client of it goes through it a second time',
  CLIENT_NOT_LOCAL: 'no network rule admits clients from outside without a login',
  REQUEST_DENIED: 'denied by the request rules',
  GUARD_DENIED: 'destination is more private than the client',
  // Limits and failures of this host.
  SESSIONS_FULL: 'too many sessions',
  LIMIT_REACHED: 'a limit is reached',
  PRESSED_OUT: 'made room for a newer client before it had logged in and asked for something',
  RESOURCES_EXHAUSTED: 'out of descriptors or memory',
  // Names.
  NAME_NOT_FOUND: 'host name not found',
  RESOLVER_FAILED: 'name server failed or did not answer',
  RESOLVER_BUSY: 'too many name look-ups of this client are waiting',
  // Connecting.
  NETWORK_UNREACHABLE: 'network unreachable',
  HOST_UNREACHABLE: 'host unreachable',
  CONNECTION_REFUSED: 'connection refused',
  CONNECT_TIMEOUT: 'connection timed out',
  FAMILY_UNSUPPORTED: 'address family not available here',
  SOURCE_UNAVAILABLE: 'no source address of the destination’s family',
  CONNECT_FORBIDDEN: 'connection forbidden by the local system',
  CONNECT_FAILED: 'connection failed',
  // Proxies of a route.
  PROXY_UNREACHABLE: 'the first proxy on the way cannot be reached',
  PROXY_IS_SELF: 'it is this daemon itself, which would ask itself for ever',
  PROXY_DENIED: 'a proxy on the way does not allow it',
  PROXY_FAILED: 'a proxy on the way failed without saying why',
  PROXY_TLS_FAILED: 'there is no TLS with a proxy on the way that can be trusted',
  PROXY_LOGIN_FAILED: 'a proxy on the way does not accept our login',
  PROXY_MALFORMED: 'a proxy on the way sent something else than an answer',
  PROXY_CLOSED: 'a proxy on the way closed the connection instead of answering',
  PROXY_WITHOUT_UDP: 'a proxy on the way does not take datagrams',
  // BIND and UDP ASSOCIATE.
  PORT_UNAVAILABLE: 'no port to listen on for the client',
  BIND_TIMEOUT: 'nobody connected to the port of BIND in time',
  STRANGER: 'somebody else than the expected host connected to the port of BIND',
  // Streams that ended early.
  WRONG_DOOR: 'it does not speak what this listener takes',
  TLS_FAILED: 'the TLS handshake with the client failed',
  HANDSHAKE_TIMEOUT: 'handshake took too long',
  CLIENT_CLOSED: 'client closed during the handshake',
  PEER_RESET: 'connection reset by peer',
  SHUTTING_DOWN: 'daemon is stopping',
  KICKED: 'ended by the operator',
  NO_LONGER_ALLOWED: 'no longer allowed after a reload',
} as const;

export type FaultCode = keyof typeof FAULTS;

/** A foreseen failure: `code` says what, `cause` (an Error or a short text) says why in detail. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, cause?: unknown) {
    super(FAULTS[code], cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
  }
}
