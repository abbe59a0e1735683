// Login with user and password (RFC 1929).
import { randomBytes } from 'node:crypto';
import { displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import { readMessage } from '../../net/read.ts';
import { ANONYMOUS, type Identity } from '../../policy/identity.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import { METHOD } from '../../protocol/codes.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import { decodeUserPass, encodeUserPassStatus, type UserPass } from '../../protocol/userpass.ts';
import { answering, type Speaker } from '../dialect.ts';
import { NAME_LOCKED, type Logins } from '../logins.ts';
import { mustAllow } from '../refuse.ts';
import type { CheckLogin, Handshake, Surroundings } from '../session.ts';
import { faultOfLogin, STAGE_OF_LOGIN } from '../spoken.ts';
import type { LoginMethod } from './method.ts';
import { admitUnnamed, mayBeUnnamed } from './unnamed.ts';

export const USERPASS: LoginMethod = {
  method: METHOD.USERPASS,
  name: 'user and password',
  isOn: ({ snapshot }) => snapshot.checkLogin !== undefined,
  login: loginWithPassword,
};

const CHOSEN = encodeMethod(METHOD.USERPASS);
const SUCCESS = encodeUserPassStatus('success');
const FAILURE = encodeUserPassStatus('failure');

const WAITING: Speaker = {
  refusal: answering(() => FAILURE),
  tellsRep: false,
  stage: () => STAGE_OF_LOGIN,
};

/** The client has given its password: it hears a status whatever goes wrong from here on. */
const CHECKING: Speaker = {
  refusal: () => FAILURE,
  tellsRep: false,
  stage: () => 'while its login was being checked',
};

/** Sets `session.identity`; settles once the client has been told. */
async function loginWithPassword(handshake: Handshake, surroundings: Surroundings): Promise<void> {
  const { leg, snapshot } = handshake;
  const { checkLogin } = snapshot;
  if (checkLogin === undefined) throw new Fault('METHOD_UNACCEPTABLE');
  leg.write(CHOSEN);
  handshake.speaker = WAITING;
  const { user, password } = await readMessage(leg, decodeUserPass, faultOfLogin);
  handshake.speaker = CHECKING;
  const login = { name: displayText(user), user, password, checkLogin };
  const { logins } = surroundings;
  const late = logins.inDueTime(handshake, () => identifyByPassword(handshake, login, surroundings));
  if (late !== undefined) await late;
  logins.succeeded(handshake, login.name);
  leg.write(SUCCESS);
}

interface Login extends UserPass {
  readonly name: string;
  readonly checkLogin: CheckLogin;
}

/** Sets `session.identity`; rejects with the fault of the login or of the rules. undefined when it completed synchronously. */
function identifyByPassword(
  handshake: Handshake,
  { name, user, password, checkLogin }: Login,
  { logins, report }: Surroundings,
): Promise<void> | undefined {
  const check = logins.isLocked(handshake, name) ? lockedCheck(checkLogin) : checkLogin;
  const answer = check(user, password, handshake.session.client.ip, handshake.deadline);
  if (!(answer instanceof Promise)) {
    accept(handshake, answer, logins);
    return undefined;
  }
  const checked = password.length === 0 ? emptyLogin(handshake, answer, logins) : answer;
  // Whether or not the client waits for the answer: who leaves before it has guessed all the same.
  void checked.catch((fault: unknown) => {
    if (fault instanceof Fault) logins.failed(handshake, name, fault, report);
  });
  return handshake.deadline.within(checked).then((identity) => accept(handshake, identity, logins));
}

/**
 * Nobody guesses with an empty password: some clients send one with the name of their own user, because the server has chosen
 * that method and no login is configured in them. Who may be unnamed is let in so, as by method 00.
 */
async function emptyLogin(
  handshake: Handshake,
  answer: Promise<Identity>,
  logins: Logins,
): Promise<Identity> {
  try {
    return await answer;
  } catch (failure) {
    if (!(failure instanceof Fault) || failure.code !== 'LOGIN_FAILED') throw failure;
    if (mayBeUnnamed(handshake, logins)) return ANONYMOUS;
    throw new Fault('LOGIN_EMPTY', failure.cause);
  }
}

function accept(handshake: Handshake, identity: Identity, logins: Logins): void {
  const { session, snapshot } = handshake;
  if (identity.kind === 'anonymous') admitUnnamed(handshake, identity, logins);
  session.identity = identity;
  if (identity.kind === 'anonymous') return;
  mustAllow(admitIdentity(snapshot.policy, identity, session.client.ip));
}

/**
 * A check that costs what a real one does, and fails. The password is replaced: were it right, its success would be
 * remembered, and the time of the next attempt would tell.
 */
function lockedCheck(checkLogin: CheckLogin): CheckLogin {
  return async (user, password, ...where) => {
    const failure = await failureOf(checkLogin(user, randomBytes(Math.max(1, password.length)), ...where));
    throw failure === undefined || failure.code === 'LOGIN_FAILED'
      ? new Fault('LOGIN_FAILED', NAME_LOCKED)
      : failure;
  };
}

/** undefined when there was none. Rejects with an error that is no Fault. */
async function failureOf(work: unknown): Promise<Fault | undefined> {
  try {
    await work;
    return undefined;
  } catch (failure) {
    if (failure instanceof Fault) return failure;
    throw failure;
  }
}
