// The answers to an HTTP client, and their record in the log: refusals with the status of their fault, and the question for a login.
import { FAULTS, type Fault } from '../../base/fault.ts';
import type { Field } from '../../protocol/http/httphead.ts';
import { encodeHttpReply, type HttpReply } from '../../protocol/http/httpreply.ts';
import { persists, type HttpRequest } from '../../protocol/http/httprequest.ts';
import type { Speaker } from '../dialect.ts';
import { isCrowding } from '../logins.ts';
import type { Handshake } from '../session.ts';
import { stageOfRequest } from '../spoken.ts';
import { STATUS_OF, toldOf, type ToldStatus } from './httpstatus.ts';

const CHALLENGE: Field = { name: 'Proxy-Authenticate', value: 'Basic realm="picosocks5", charset="UTF-8"' };
/** Towards a chain of ours, a 503 without it means an unreachable host. */
const RETRY_AFTER: Field = { name: 'Retry-After', value: '1' };
const ALLOW: Field = { name: 'Allow', value: 'CONNECT, GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS' };

/** Until the head of a request is whole. */
export function listening(handshake: Handshake): Speaker {
  return {
    refusal: (_rep, fault) => refusal(handshake, undefined, fault),
    tellsRep: false,
    stage: () => 'before the head of its request was whole',
  };
}

/** The client was asked for a login, and may have left to get one: silence is no failure of its own. */
export function awaitingLogin(): Speaker {
  return { refusal: () => undefined, tellsRep: false, stage: () => 'after 407' };
}

/** From a whole request on. */
export function answeringHttp(handshake: Handshake, request: HttpRequest): Speaker {
  return {
    refusal: (_rep, fault) => refusal(handshake, request, fault),
    tellsRep: false,
    stage: stageOfRequest,
  };
}

/** While the password is checked: every failure is answered as a wrong one, unless it could not be checked. */
export function checking(handshake: Handshake, request: HttpRequest): Speaker {
  return {
    refusal: (_rep, fault) =>
      isCrowding(fault) || fault.code === 'LOGIN_UNAVAILABLE'
        ? refusal(handshake, request, fault)
        : encode(handshake, request, { status: 407, body: WRONG_LOGIN, fields: [CHALLENGE] }),
    tellsRep: false,
    stage: () => 'while its login was being checked',
  };
}

/** Where HTTP is switched off. */
export function switchedOff(handshake: Handshake): Speaker {
  return {
    refusal: () =>
      encode(handshake, undefined, { status: 400, body: 'this is a SOCKS proxy, and no HTTP proxy' }),
    tellsRep: false,
    stage: () => '',
  };
}

const WRONG_LOGIN = 'unknown user or wrong password';
const NO_LOGIN = 'a login is required';

/** Asks for a login. Only a request whose end is known leaves the connection open. */
export function challenge(
  handshake: Handshake,
  request: HttpRequest,
  connection: 'close' | 'kept',
): Uint8Array {
  return encode(handshake, request, { status: 407, body: NO_LOGIN, fields: [CHALLENGE] }, connection);
}

/** Whether the client may ask again on the same connection. */
export function mayAskAgain(request: HttpRequest): boolean {
  const { method, framing, fields } = request;
  if (!persists(request)) return false;
  if (method !== 'CONNECT') return framing.kind === 'none';
  return !fields.some(({ name }) => /^(?:content-length|transfer-encoding)$/i.test(name));
}

function refusal(
  handshake: Handshake,
  request: HttpRequest | undefined,
  fault: Fault,
): Uint8Array | undefined {
  const told = toldOf(fault.code, handshake.programRep);
  return told && encode(handshake, request, { ...told, fields: fieldsOf(told), body: sentenceOf(fault) });
}

function fieldsOf({ status }: ToldStatus): readonly Field[] {
  if (status === 407) return [CHALLENGE];
  if (status === 503) return [RETRY_AFTER];
  return status === 405 || status === 501 ? [ALLOW] : [];
}

/** The client is told what is wrong with its request; the details of other failures are for the operator only. */
function sentenceOf({ code, cause }: Fault): string {
  if (STATUS_OF[code]?.status === 407) return NO_LOGIN;
  const isAboutRequest =
    code === 'MESSAGE_MALFORMED' || code === 'HEAD_TOO_LONG' || code === 'COMMAND_UNSUPPORTED';
  return isAboutRequest && typeof cause === 'string' ? `${FAULTS[code]}: ${cause}` : FAULTS[code];
}

function encode(
  { session }: Handshake,
  request: HttpRequest | undefined,
  reply: Pick<HttpReply, 'status' | 'error' | 'fields' | 'body'>,
  connection: 'close' | 'kept' = 'close',
): Uint8Array {
  if (connection === 'close') session.status = reply.status;
  const shows = request?.method === 'HEAD' ? 'length-only' : 'body';
  return encodeHttpReply({ ...reply, body: `picosocks5: ${reply.body}\n`, shows, connection });
}
