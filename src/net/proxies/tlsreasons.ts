// Failures of TLS with a proxy, in words that tell the remedy. The codes are those of Node (nodejs.org/api/tls.html
// and errors.html) and of OpenSSL's verify(1).

// A log line has room for about 150 characters of them.
const NO_TLS_THERE = 'does not speak TLS at that port: is the port right, and the type?';
const NO_COMMON_VERSION = 'has no TLS of version 1.2 or later';
const UNKNOWN_CA = 'its certificate is from a CA that is not trusted here';
const IF_RIGHT = 'if it is the right proxy, name that CA by proxy-ca';
const NO_CHAIN = `${UNKNOWN_CA}, or it does not send its whole chain; ${IF_RIGHT}`;
const WANTS_CERTIFICATE = 'wants a certificate of ours, and there is none';

const REASONS: ReadonlyMap<string, string> = new Map([
  [
    'CERT_HAS_EXPIRED',
    'its certificate, or that of a CA, has expired; it needs a new one, unless the clock of this host is wrong',
  ],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet: is the clock of this host right?'],
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'its certificate is signed by itself; if it is the right one, name it by proxy-ca',
  ],
  ['SELF_SIGNED_CERT_IN_CHAIN', `${UNKNOWN_CA}; ${IF_RIGHT}`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', NO_CHAIN],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', NO_CHAIN],
  ['ERR_SSL_WRONG_VERSION_NUMBER', NO_TLS_THERE],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', NO_TLS_THERE],
  ['ERR_SSL_HTTP_REQUEST', NO_TLS_THERE],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', NO_COMMON_VERSION],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', NO_COMMON_VERSION],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', `shares no cipher with us, or ${WANTS_CERTIFICATE}`],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', `shares no cipher with us, or ${WANTS_CERTIFICATE}`],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', WANTS_CERTIFICATE],
  ['PEER_RESET', 'broke the connection off instead of a TLS handshake: is the port right, and the type?'],
]);

/** Whether the error comes from OpenSSL, and not from the connection below. */
export function isTlsError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && ((cause as NodeJS.ErrnoException).code?.startsWith('ERR_SSL_') ?? false);
}

interface TlsError extends NodeJS.ErrnoException {
  readonly reason?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

/** The sentence about the proxy at `host` for an error of a TLS socket. */
export function whyNoTls(error: unknown, host: string): string {
  const { code = '', reason, message, cert } = error as TlsError;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    // For an address, Node's reason leaves out the names in the certificate.
    const names = cert?.subjectaltname;
    const instead = names === undefined ? `: ${reason ?? message}` : `, but for ${names}`;
    return `its certificate is not for ${host}, as the route has it${instead}`;
  }
  return REASONS.get(code) ?? `TLS failed: ${reason ?? message}`;
}
