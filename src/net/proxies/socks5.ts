// A SOCKS5 proxy on the way (RFC 1928, RFC 1929). It is offered method 00, and with credentials either 02 or 03: a
// password that must not be seen is never offered in clear.
import { Deadline } from '../../base/deadline.ts';
import type { Destination } from '../../protocol/address.ts';
import { COMMAND, METHOD, REP, USERPASS_STATUS, type Method } from '../../protocol/codes.ts';
import { decodeMethod, encodeGreeting } from '../../protocol/greeting.ts';
import { decodeReply } from '../../protocol/reply.ts';
import { encodeRequest } from '../../protocol/request.ts';
import { decodeUserPassStatus, encodeUserPass } from '../../protocol/userpass.ts';
import { logInByChap } from './chap.ts';
import { faultOfRep } from './replies.ts';
import { proxyFault, hear, type Credentials, type Talk } from './talk.ts';

/**
 * A proxy of type `socks` that takes longer over a greeting is asked again in SOCKS4, whose servers wait for more
 * bytes.
 */
const GREETING_PATIENCE_MS = 3000;

const COMMANDS = { connect: COMMAND.CONNECT, bind: COMMAND.BIND, assoc: COMMAND.UDP_ASSOCIATE } as const;

/**
 * Greeting, login and request; returns the bound address. Rejects with the answer of the proxy as a fault, or with
 * what is wrong with it.
 */
export async function askSocks5(talk: Talk): Promise<Destination | undefined> {
  await negotiate(talk);
  talk.stage = 'request';
  const { leg, command, destination } = talk;
  leg.write(encodeRequest({ command: COMMANDS[command], destination }));
  return hearSocks5Reply(talk);
}

/** The next reply to a request. Rejects with the fault of its REP. */
export async function hearSocks5Reply(talk: Talk): Promise<Destination | undefined> {
  const { rep, bound } = await hear(talk, decodeReply);
  if (rep === REP.SUCCEEDED) return bound;
  throw proxyFault(talk, faultOfRep(rep), `said REP ${rep}`);
}

async function negotiate(talk: Talk): Promise<void> {
  const { leg, credentials } = talk;
  const offered = methodsFor(credentials);
  leg.write(encodeGreeting(offered));
  const method = await hearMethod(talk);
  talk.stage = 'login';
  if (method === METHOD.UNACCEPTABLE) throw proxyFault(talk, 'PROXY_LOGIN_FAILED', whyNoMethod(credentials));
  if (!offered.some((each) => each === method)) {
    throw proxyFault(talk, 'PROXY_MALFORMED', `chose method ${method}, which was not offered`);
  }
  if (method === METHOD.USERPASS && credentials !== undefined) await logInByPassword(talk, credentials);
  if (method === METHOD.CHAP && credentials !== undefined) await logInByChap(talk, credentials);
}

function methodsFor(credentials: Credentials | undefined): readonly Method[] {
  if (credentials === undefined) return [METHOD.NONE];
  return [METHOD.NONE, credentials.method === 'chap' ? METHOD.CHAP : METHOD.USERPASS];
}

async function hearMethod(talk: Talk): Promise<number> {
  if (talk.hop.protocol !== 'socks') return hear(talk, decodeMethod);
  const patience = new Deadline(GREETING_PATIENCE_MS, 'CONNECT_TIMEOUT');
  try {
    return await hear(talk, decodeMethod, patience);
  } finally {
    patience.clear();
  }
}

function whyNoMethod(credentials: Credentials | undefined): string {
  if (credentials === undefined) return 'wants a login, and proxy-auth has none for it';
  return `does not log anybody in by ${credentials.method}`;
}

async function logInByPassword(talk: Talk, credentials: Credentials): Promise<void> {
  talk.leg.write(encodeUserPass(credentials));
  const status = await hear(talk, decodeUserPassStatus);
  if (status === USERPASS_STATUS.SUCCESS) return;
  throw proxyFault(talk, 'PROXY_LOGIN_FAILED', `refused user and password with status ${status}`);
}
