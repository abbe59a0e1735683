// What is said between this host and one proxy of a chain. Every failure names the proxy and what it did.
import type { Deadline } from '../../base/deadline.ts';
import { Fault, FAULTS, type FaultCode } from '../../base/fault.ts';
import type { Hop, HopProtocol } from '../../config/model/config.ts';
import { formatHostPort } from '../../config/values/hostport.ts';
import { formatDestination, type Destination } from '../../protocol/address.ts';
import type { Decoded } from '../../protocol/decoded.ts';
import { readMessage } from '../read.ts';
import type { Leg } from '../transport.ts';
import { isTlsError, whyNoTls } from './tlsreasons.ts';

/** Who we are to a proxy: 1 to 255 bytes each. */
export interface Credentials {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
  /** How a SOCKS5 proxy gets to see them; `chap`: never the password itself. */
  readonly method: 'password' | 'chap';
}

/** How far it has come. */
export type Stage = 'tls' | 'greeting' | 'login' | 'request';

/** What can be spoken with it; of `socks` it turns out. */
export type Speech = Exclude<HopProtocol, 'socks'>;

/** The conversation with one proxy. */
export interface Talk {
  /** Reaches the proxy. */
  readonly leg: Leg;
  readonly hop: Hop;
  readonly speech: Speech;
  readonly command: 'connect' | 'bind' | 'assoc';
  readonly destination: Destination;
  /** Whether that is where the client wants to go; else it is the next proxy. */
  readonly isLast: boolean;
  readonly credentials: Credentials | undefined;
  readonly deadline: Deadline;
  stage: Stage;
}

/** What went wrong with a proxy: the cause of a Fault. */
export class HopFailure extends Error {
  readonly hop: Hop;
  readonly stage: Stage;
  /** Whose fault it is as far as can be told. */
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
 * Whether the proxies of a chain did what they could, and it is the destination that cannot be reached. Where the
 * deadline ended for another reason than time, neither is to blame.
 */
export function blamesDestination({ cause }: Fault): boolean {
  return cause instanceof HopFailure && cause.blames === 'destination';
}

/** Of which the last proxy is to blame even where it was about to answer. */
const OWN_FAULTS: readonly FaultCode[] = ['PROXY_MALFORMED', 'PROXY_LOGIN_FAILED', 'PROXY_TLS_FAILED'];

/** The fault of a proxy that did `what`. */
export function faultOf(talk: Talk, code: FaultCode, what: string): Fault {
  const isAnswer = talk.isLast && talk.stage === 'request' && !OWN_FAULTS.includes(code);
  return new Fault(code, new HopFailure(talk, isAnswer ? 'destination' : 'chain', what));
}

/**
 * The next message of the proxy. Rejects with PROXY_MALFORMED, PROXY_CLOSED, or why the deadline ended, or `patience`
 * where that comes first.
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
    throw failure instanceof Fault ? explain(talk, failure, patience) : failure;
  } finally {
    forget();
    lose?.();
  }
}

function silence(talk: Talk, code: FaultCode | undefined, bytes: Uint8Array): Fault {
  if (code !== undefined) return faultOf(talk, 'PROXY_MALFORMED', `${FAULTS[code]}: ${show(bytes)}`);
  const after = bytes.length === 0 ? 'without a byte' : `after ${show(bytes)}`;
  return faultOf(talk, 'PROXY_CLOSED', `closed the connection ${after} (${talk.stage})`);
}

/** Why a read failed, in terms of the proxy; why others ended the deadline stays as it is. */
export function explain(talk: Talk, failure: Fault, patience: Deadline = talk.deadline): Fault {
  const { deadline, stage } = talk;
  if (failure === deadline.ended || failure === patience.ended) {
    const isTime = failure.code === 'CONNECT_TIMEOUT' || failure.code === 'BIND_TIMEOUT';
    return isTime ? faultOf(talk, failure.code, `no answer in time (${stage})`) : failure;
  }
  if (failure.code !== 'PEER_RESET') return failure;
  // In TLS 1.3 a proxy may object to the handshake when it is over here.
  if (isTlsError(failure.cause)) {
    return faultOf(talk, 'PROXY_TLS_FAILED', whyNoTls(failure.cause, talk.hop.host));
  }
  return faultOf(talk, 'PROXY_CLOSED', `reset the connection (${stage})`);
}

/** What can be read as text, be it some other protocol; else the first bytes in hex. */
function show(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 16));
  const text = /^[\x20-\x7e]{4,}/.exec(head.toString('latin1'))?.[0];
  return text === undefined ? head.toString('hex') : `"${text}"`;
}
