// The conversation of this host with one proxy of a chain. Every failure names the proxy and what it did.
import type { Deadline } from '../../base/deadline.ts';
import { Fault, FAULTS, type FaultCode } from '../../base/fault.ts';
import type { Hop, HopProtocol } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import { formatDestination, type Destination } from '../../protocol/address.ts';
import type { Decoded } from '../../protocol/decoded.ts';
import { readMessage } from '../read.ts';
import type { Leg } from '../transport.ts';
import { isTlsError, whyNoTls } from './tlsreasons.ts';

/** Our credentials at a proxy: 1 to 255 bytes each. */
export interface Credentials {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  /** The form in which a SOCKS5 proxy sees them; `chap`: never the password itself. */
  readonly method: 'password' | 'chap';
}

/** The stage of the conversation. */
export type ProxyStage = 'tls' | 'greeting' | 'login' | 'request';

/** The protocols of a proxy; the one of `socks` is found out. */
export type Speech = Exclude<HopProtocol, 'socks'>;

/** The conversation with one proxy. */
export interface Talk {
  /** Reaches the proxy. */
  readonly leg: Leg;
  readonly hop: Hop;
  readonly speech: Speech;
  readonly command: 'connect' | 'bind' | 'assoc';
  readonly destination: Destination;
  /** True for the client's destination, false for the next proxy. */
  readonly isLast: boolean;
  readonly credentials: Credentials | undefined;
  readonly deadline: Deadline;
  stage: ProxyStage;
}

/** The failure of a proxy: the cause of a Fault. */
export class HopFailure extends Error {
  readonly hop: Hop;
  readonly stage: ProxyStage;
  /** The proxy to blame, as far as can be told. */
  readonly blames: 'chain' | 'destination';

  constructor(
    { hop, speech, stage, destination, isLast }: Talk,
    blames: 'chain' | 'destination',
    what: string,
  ) {
    const errand = isLast ? '' : `, asked for ${formatDestination(destination)}`;
    super(`${speech} proxy ${formatHostPort(hop.host, hop.port)}${errand}: ${what}`);
    this.name = 'HopFailure';
    this.hop = hop;
    this.stage = stage;
    this.blames = blames;
  }
}

/**
 * Whether the proxies of a chain did their part, and it is the destination that cannot be reached. If the deadline
 * ended for another reason than time, neither is to blame.
 */
export function blamesDestination({ cause }: Fault): boolean {
  return cause instanceof HopFailure && cause.blames === 'destination';
}

/** Faults that blame the last proxy even while its final reply is awaited. */
const OWN_FAULTS: readonly FaultCode[] = ['PROXY_MALFORMED', 'PROXY_LOGIN_FAILED', 'PROXY_TLS_FAILED'];

/** The fault of a proxy that did `what`. */
export function proxyFault(talk: Talk, code: FaultCode, what: string): Fault {
  const isAnswer = talk.isLast && talk.stage === 'request' && !OWN_FAULTS.includes(code);
  return new Fault(code, new HopFailure(talk, isAnswer ? 'destination' : 'chain', what));
}

/**
 * The next message of the proxy. Rejects with PROXY_MALFORMED, PROXY_CLOSED, the reason for which the deadline ended,
 * or `patience` if that runs out first.
 */
export async function hear<T>(
  talk: Talk,
  decode: (bytes: Uint8Array) => Decoded<T>,
  patience: Deadline = talk.deadline,
): Promise<T> {
  const { leg, deadline } = talk;
  const forget = deadline.whenEnded((fault) => leg.abort(fault));
  const lose = patience === deadline ? undefined : patience.whenEnded((fault) => leg.abort(fault));
  try {
    return await readMessage(leg, decode, (code, bytes) => silence(talk, code, bytes));
  } catch (failure) {
    throw failure instanceof Fault ? explainReadFailure(talk, failure, patience) : failure;
  } finally {
    forget();
    lose?.();
  }
}

function silence(talk: Talk, code: FaultCode | undefined, bytes: Uint8Array): Fault {
  if (code !== undefined) return proxyFault(talk, 'PROXY_MALFORMED', `${FAULTS[code]}: ${show(bytes)}`);
  const after = bytes.length === 0 ? 'without a byte' : `after ${show(bytes)}`;
  return proxyFault(talk, 'PROXY_CLOSED', `closed the connection ${after} (${talk.stage})`);
}

/** The failure of a read as a fault of the proxy; the end of the deadline stays as it is. */
export function explainReadFailure(talk: Talk, failure: Fault, patience: Deadline = talk.deadline): Fault {
  const { deadline, stage } = talk;
  if (failure === deadline.ended || failure === patience.ended) {
    const isTime = failure.code === 'CONNECT_TIMEOUT' || failure.code === 'BIND_TIMEOUT';
    return isTime ? proxyFault(talk, failure.code, `no answer in time (${stage})`) : failure;
  }
  if (failure.code !== 'PEER_RESET') return failure;
  // In TLS 1.3 a proxy may object to the handshake after it is complete on this side.
  if (isTlsError(failure.cause)) {
    return proxyFault(talk, 'PROXY_TLS_FAILED', whyNoTls(failure.cause, talk.hop.host));
  }
  return proxyFault(talk, 'PROXY_CLOSED', `reset the connection (${stage})`);
}

/** Readable text, even of another protocol; else the first bytes in hex. */
function show(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 16));
  const text = /^[\x20-\x7e]{4,}/.exec(head.toString('latin1'))?.[0];
  return text === undefined ? head.toString('hex') : `"${text}"`;
}
