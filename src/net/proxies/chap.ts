// Our login at a SOCKS5 proxy by challenge and response (draft-ietf-aft-socks-chap-01). Only HMAC-MD5 is offered,
// which every server must know; the proxy is not asked to authenticate itself.
import { respond } from '../../auth/chap.ts';
import { hasMd5 } from '../../auth/hashing/md5.ts';
import { decodeChapMessage, encodeChapMessage, type ChapMessage } from '../../protocol/chap.ts';
import { CHAP_ALGORITHM, CHAP_STATUS } from '../../protocol/codes.ts';
import { proxyFault, hear, type Credentials, type Talk } from './talk.ts';

/** Rejects with PROXY_LOGIN_FAILED if the proxy refuses us. */
export async function logInByChap(talk: Talk, { user, password }: Credentials): Promise<void> {
  if (!hasMd5()) throw proxyFault(talk, 'PROXY_LOGIN_FAILED', 'wants CHAP, and Node has no MD5 here (FIPS)');
  // The C program picosocks5 expects the user here, the draft beside the response: both get it.
  talk.leg.write(encodeChapMessage({ algorithms: Uint8Array.of(CHAP_ALGORITHM.HMAC_MD5), user }));
  const bytes = await hearChallenge(talk);
  const response = respond(password, { algorithm: CHAP_ALGORITHM.HMAC_MD5, identifier: 0, bytes });
  talk.leg.write(encodeChapMessage({ user, response }));
  const { status } = await hear(talk, decodeChapMessage);
  if (status === undefined) throw proxyFault(talk, 'PROXY_MALFORMED', 'CHAP without a status');
  mustBeSuccess(talk, status);
}

/** The challenge may come with the choice of the algorithm, or in a message after it. */
async function hearChallenge(talk: Talk): Promise<Uint8Array> {
  const choice = await hearStep(talk);
  if (choice.algorithms?.[0] !== CHAP_ALGORITHM.HMAC_MD5 || choice.algorithms.length !== 1) {
    throw proxyFault(talk, 'PROXY_MALFORMED', 'CHAP with another algorithm than HMAC-MD5');
  }
  const challenge = choice.challenge ?? (await hearStep(talk)).challenge;
  if (challenge === undefined || challenge.length === 0) {
    throw proxyFault(talk, 'PROXY_MALFORMED', 'CHAP without a challenge');
  }
  return challenge;
}

async function hearStep(talk: Talk): Promise<ChapMessage> {
  const message = await hear(talk, decodeChapMessage);
  if (message.status !== undefined) mustBeSuccess(talk, message.status);
  return message;
}

function mustBeSuccess(talk: Talk, status: number): void {
  if (status !== CHAP_STATUS.SUCCESS) {
    throw proxyFault(talk, 'PROXY_LOGIN_FAILED', `refused our CHAP login with status ${status}`);
  }
}
