// Bytes of a client that cannot be taken, and the stage at which it stopped, in words for the log. Nothing that may be a secret
// is in them: of a first message the first byte, of a request its destination.
import { displayText } from '../base/bytes.ts';
import { Fault, type FaultCode } from '../base/fault.ts';
import { formatEndpoint } from '../base/ip.ts';
import { quote } from '../config/values/parsed.ts';
import type { FaultOfMessage } from '../net/read.ts';
import type { Leg } from '../net/transport.ts';
import { isProxyHeader } from '../protocol/doors/proxyheader.ts';
import type { SessionCommand, SessionFacts } from './events.ts';
import type { Handshake } from './session.ts';

/** The fault of the first message. */
export const faultOfOpening: FaultOfMessage = (code = 'CLIENT_CLOSED', bytes) => {
  if (code === 'VERSION_UNSUPPORTED' || code === 'TLS_UNEXPECTED') return new Fault(code, firstByte(bytes));
  if (code !== 'CLIENT_CLOSED') return new Fault(code);
  return new Fault(code, bytes.length === 0 ? PROBE : `after ${bytes.length} bytes of its first message`);
};

/** The same where balancers are expected, but not this one. */
export const faultOfStranger: FaultOfMessage = (code, bytes) =>
  code === 'VERSION_UNSUPPORTED' && isProxyHeader(bytes)
    ? new Fault('PROXY_HEADER_UNTRUSTED')
    : faultOfOpening(code, bytes);

const PROBE = 'it sent nothing at all: a probe, such as a health check, or a scan of ports';

/** The fault of a login message, whose bytes are secrets. */
export const faultOfLogin: FaultOfMessage = (code = 'CLIENT_CLOSED', bytes) => {
  if (code === 'LOGIN_VERSION_UNSUPPORTED') return new Fault(code, `version ${hex(bytes[0])} instead of 01`);
  return code === 'CLIENT_CLOSED' ? new Fault(code, 'during the login') : new Fault(code);
};

const NAME_LENGTH_AT = 4;

/** The fault of the request of SOCKS5. */
export const faultOfRequest: FaultOfMessage = (code = 'CLIENT_CLOSED', bytes) => {
  const cause = REQUEST_CAUSES[code]?.(bytes);
  return cause === undefined ? new Fault(code) : new Fault(code, cause);
};

const REQUEST_CAUSES: Partial<Record<FaultCode, (bytes: Uint8Array) => string | undefined>> = {
  NAME_INVALID: spokenName,
  ADDRESS_TYPE_UNSUPPORTED: (bytes) => `address type ${hex(bytes[NAME_LENGTH_AT - 1])}`,
  MESSAGE_MALFORMED: (bytes) => `a request begins with 05, not with ${hex(bytes[0])}`,
  CLIENT_CLOSED: ({ length }) => (length === 0 ? undefined : `after ${length} bytes of its request`),
};

/** `"not a name":443`; bytes of a name that no host can have, for the log. */
export function badName(name: Uint8Array, port: number): string {
  return `${quote(displayText(name))}:${port}`;
}

function spokenName(bytes: Uint8Array): string {
  const end = NAME_LENGTH_AT + 1 + (bytes[NAME_LENGTH_AT] ?? 0);
  return badName(bytes.subarray(NAME_LENGTH_AT + 1, end), ((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0));
}

/** The same failure with the stage of the conversation, where it does not say more already. */
export function withStage(
  { speaker, session, leg }: Pick<Handshake, 'speaker' | 'session' | 'leg'>,
  fault: Fault,
): Fault {
  if (fault.code === 'TLS_UNEXPECTED') return atListener(fault.code, fault.cause, leg);
  const isBare = STAGED.includes(fault.code) && saysNothing(fault.cause);
  const stage = isBare ? speaker.stage(session) : undefined;
  return stage === undefined ? fault : new Fault(fault.code, stage);
}

/** The same for a client that came to the wrong listener, with the listener. */
export function atListener(code: FaultCode, cause: unknown, { local }: Pick<Leg, 'local'>): Fault {
  return new Fault(code, `${String(cause)} (listener ${formatEndpoint(local)})`);
}

/** A reset by the system's word says no more than that. */
function saysNothing(cause: unknown): boolean {
  const errno = cause instanceof Error && 'code' in cause ? cause.code : cause;
  return errno === undefined || errno === 'ECONNRESET' || errno === 'EPIPE';
}

const STAGED: readonly FaultCode[] = ['CLIENT_CLOSED', 'HANDSHAKE_TIMEOUT', 'PEER_RESET'];

/** Of a client from its greeting to the end of its login. */
export const STAGE_OF_LOGIN = 'after the greeting, during the login';

/** Of a client that has logged in, until its bytes flow. */
export function stageOfRequest({ command, identity }: SessionFacts): string {
  return command === undefined
    ? `after the ${identity?.kind === 'user' ? 'login' : 'greeting'}, before it had asked for anything`
    : WORK[command];
}

/** PEER_RESET of a target has a cause. */
const WORK: Readonly<Record<SessionCommand, string>> = {
  connect: 'after its request, while connecting',
  bind: 'it gave up BIND before anybody had come',
  assoc: 'after its request for UDP',
  resolve: 'after its request, during the look-up',
  'resolve-ptr': 'after its request, during the look-up',
  pac: 'after its request',
};

const HTTP = [
  'GET ',
  'HEAD ',
  'POST ',
  'PUT ',
  'DELETE ',
  'CONNECT ',
  'OPTIONS ',
  'TRACE ',
  'PATCH ',
  'PRI ',
];
const TLS_HANDSHAKE = 0x16;

/** `first byte 0x47: an HTTP client`; what it is, as far as one byte and those that came with it tell. */
function firstByte(bytes: Uint8Array): string {
  const text = displayText(bytes.subarray(0, 8));
  const begins = (words: readonly string[]): boolean =>
    text !== '' && words.some((word) => word.startsWith(text) || text.startsWith(word));
  const shown = `first byte 0x${hex(bytes[0])}`;
  if (bytes[0] === TLS_HANDSHAKE) return `${shown}: TLS; the client shall speak SOCKS in clear`;
  if (isProxyHeader(bytes))
    return `${shown}: a header of the PROXY protocol; set proxy-protocol to the balancers that send one`;
  if (begins(HTTP))
    return `${shown}: an HTTP client; set this address as its SOCKS proxy, not as its HTTP proxy`;
  return begins(['SSH-']) ? `${shown}: an SSH client` : shown;
}

/** Of one byte, two digits. */
export function hex(byte = 0): string {
  return byte.toString(16).padStart(2, '0');
}
