// Login by challenge and response (draft-ietf-aft-socks-chap-01), in the order of the draft. As the C program picosocks5
// does, algorithm and challenge go in one message, and the user may be named in the first message of the client already.
import { newChallenge, type Challenge } from '../../auth/chap.ts';
import { displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import { readMessage } from '../../net/read.ts';
import { ANONYMOUS, type Identity } from '../../policy/identity.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import { decodeChapMessage, encodeChapMessage, type ChapMessage } from '../../protocol/chap.ts';
import { CHAP_ALGORITHM, CHAP_STATUS, METHOD, type ChapAlgorithm } from '../../protocol/codes.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import { answering, type Speaker } from '../dialect.ts';
import { NAME_LOCKED } from '../logins.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { faultOfLogin, STAGE_OF_LOGIN } from '../spoken.ts';
import type { LoginMethod } from './method.ts';
import { admitWithoutLogin, needsNoLogin } from './unnamed.ts';

/** The stronger one first. */
const PREFERRED: readonly ChapAlgorithm[] = [CHAP_ALGORITHM.HMAC_MD5, CHAP_ALGORITHM.MD5];

export const CHAP: LoginMethod = {
  method: METHOD.CHAP,
  name: 'CHAP',
  word: 'chap',
  isOn: ({ snapshot }) => snapshot.chap !== undefined,
  login: loginWithChap,
};

const FAILURE = encodeChapMessage({ status: CHAP_STATUS.FAILURE });

const JUDGE: Speaker = {
  refusal: answering(() => FAILURE),
  tellsRep: false,
  stage: () => STAGE_OF_LOGIN,
};

/** The client is admitted and now judges our response: no answer is owed. */
const JUDGED: Speaker = { ...JUDGE, refusal: () => undefined };

/** Sets `session.identity`; settles once the client has been told and, if it asked for proof, has accepted ours. */
async function loginWithChap(handshake: Handshake, surroundings: Surroundings): Promise<void> {
  const { leg, snapshot } = handshake;
  const { chap } = snapshot;
  if (chap === undefined) throw new Fault('METHOD_UNACCEPTABLE');
  leg.write(encodeMethod(METHOD.CHAP));
  handshake.speaker = JUDGE;
  const hello = await readMessage(leg, decodeChapMessage, faultOfLogin);
  const challenge = newChallenge(chooseAlgorithm(hello));
  leg.write(encodeChallenge(challenge));
  const message = await readMessage(leg, decodeChapMessage, faultOfLogin);
  const answer = readAnswer(hello, message, challenge);
  const user = displayText(answer.user);
  const verify = (): ResponseVerdict => ({
    identity: chap.identify(answer.user, answer.response, challenge),
    isEmpty: chap.isEmpty(answer.response, challenge),
    bar: chap.bar(answer.user),
  });
  const { logins } = surroundings;
  await logins.inDueTime(handshake, () => identifyByChap(handshake, user, verify, surroundings));
  logins.succeeded(handshake, user);
  // A client may want proof in return; without a secret of the server that is ignored, as in the draft.
  const proof = message.challenge && chap.prove({ ...challenge, bytes: message.challenge });
  leg.write(encodeSuccess(challenge, proof));
  if (proof !== undefined) await hearVerdict(handshake);
}

/** Throws METHOD_UNACCEPTABLE where the client offers no algorithm that is known here. */
function chooseAlgorithm({ algorithms }: ChapMessage): ChapAlgorithm {
  const chosen = PREFERRED.find((algorithm) => algorithms?.includes(algorithm));
  if (chosen !== undefined) return chosen;
  const offered = Buffer.from(algorithms ?? []).toString('hex') || 'none';
  throw new Fault('METHOD_UNACCEPTABLE', `CHAP algorithms offered: ${offered}`);
}

function encodeChallenge(challenge: Challenge): Uint8Array {
  const { algorithm, bytes } = challenge;
  const identifier = identifierFor(challenge);
  return encodeChapMessage({ algorithms: Uint8Array.of(algorithm), identifier, challenge: bytes });
}

/** Only MD5 has one. */
function identifierFor({ algorithm, identifier }: Challenge): number | undefined {
  return algorithm === CHAP_ALGORITHM.MD5 ? identifier : undefined;
}

interface ChapAnswer {
  readonly user: Uint8Array;
  readonly response: Uint8Array;
}

/** Throws MESSAGE_MALFORMED when it is no answer, or when it plays our challenge back to us. */
function readAnswer(hello: ChapMessage, answer: ChapMessage, challenge: Challenge): ChapAnswer {
  const { user = hello.user, response } = answer;
  if (user === undefined || response === undefined)
    throw new Fault('MESSAGE_MALFORMED', 'CHAP without a user or a response');
  if (answer.identifier !== undefined && answer.identifier !== identifierFor(challenge))
    throw new Fault('MESSAGE_MALFORMED', 'CHAP with another identifier');
  if (answer.challenge !== undefined && Buffer.from(challenge.bytes).equals(answer.challenge))
    throw new Fault('MESSAGE_MALFORMED', 'CHAP with our own challenge in return');
  return { user, response };
}

/** The result of a response. */
interface ResponseVerdict {
  readonly identity: Identity | undefined;
  /** It is that to an empty secret: the client has none (userpass.ts). */
  readonly isEmpty: boolean;
  /** Why a right response does not let the user in. */
  readonly bar: Fault | undefined;
}

/** Sets `session.identity`. Throws the fault of the login, once the client has been told, or that of the rules. */
function identifyByChap(
  handshake: Handshake,
  user: string,
  verify: () => ResponseVerdict,
  { logins, report }: Surroundings,
): undefined {
  const { session, snapshot } = handshake;
  const isLocked = logins.isLocked(handshake, user);
  const { identity, isEmpty, bar } = verify();
  if (identity === undefined || isLocked) {
    if (isEmpty && needsNoLogin(handshake, logins)) {
      session.identity = admitWithoutLogin(handshake, ANONYMOUS, logins);
      return undefined;
    }
    const fault = new Fault(isEmpty ? 'LOGIN_EMPTY' : 'LOGIN_FAILED', isLocked ? NAME_LOCKED : undefined);
    logins.failed(handshake, user, fault, report);
    throw fault;
  }
  if (bar !== undefined) {
    logins.failed(handshake, user, bar, report);
    throw bar;
  }
  session.identity = identity;
  mustAllow(admitIdentity(snapshot.policy, identity, session.client.ip));
}

function encodeSuccess(challenge: Challenge, response: Uint8Array | undefined): Uint8Array {
  const identifier = identifierFor(challenge);
  return encodeChapMessage({ status: CHAP_STATUS.SUCCESS, identifier, response });
}

/** Reads the client's verdict on our response. Rejects with CLIENT_CLOSED when it is no. */
async function hearVerdict(handshake: Handshake): Promise<void> {
  handshake.speaker = JUDGED;
  const { status } = await readMessage(handshake.leg, decodeChapMessage, faultOfLogin);
  if (status !== CHAP_STATUS.SUCCESS)
    throw new Fault('CLIENT_CLOSED', 'it did not accept the CHAP response of the server');
}
