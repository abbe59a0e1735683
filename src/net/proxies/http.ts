// An HTTP proxy on the way: CONNECT (RFC 9110 section 9.3.6), with Basic credentials if there are any.
import { decodeConnectAnswer, encodeConnect, type ConnectAnswer } from '../../protocol/httpconnect.ts';
import { faultOfAnswer } from './replies.ts';
import { proxyFault, hear, type Credentials, type Talk } from './talk.ts';

const COLON = 0x3a;

/** One request; HTTP does not tell the bound address. Rejects with the fault of a status other than 2xx. */
export async function askHttp(talk: Talk): Promise<undefined> {
  talk.stage = 'request';
  const { leg, command, destination, credentials } = talk;
  if (command !== 'connect') throw proxyFault(talk, 'COMMAND_UNSUPPORTED', 'HTTP has CONNECT only');
  const objection = credentials && credentialsObjection(credentials);
  if (objection !== undefined) throw proxyFault(talk, 'PROXY_LOGIN_FAILED', objection);
  leg.write(encodeConnect(destination, credentials));
  const answer = await hearFinalAnswer(talk);
  const { status, reason } = answer;
  if (status >= 200 && status <= 299) return;
  throw proxyFault(talk, faultOfAnswer(answer), `said HTTP ${status} ${reason}`.trimEnd());
}

/** Credentials that Basic cannot carry, or must not. */
function credentialsObjection({ user, method }: Credentials): string | undefined {
  if (method === 'chap') return 'proxy-auth wants CHAP for it, which HTTP does not have';
  return user.includes(COLON) ? 'HTTP Basic has no room for a user name with a colon' : undefined;
}

/** The final response, after interim ones (1xx, RFC 9110 section 15.2). */
async function hearFinalAnswer(talk: Talk): Promise<ConnectAnswer> {
  let answer = await hear(talk, decodeConnectAnswer);
  while (answer.status < 200) answer = await hear(talk, decodeConnectAnswer);
  return answer;
}
