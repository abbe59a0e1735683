// A login with user and password, whatever the messages that bring them.
import { randomBytes } from 'node:crypto';
import { displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import { ANONYMOUS, type Identity } from '../../policy/identity.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import type { UserPass } from '../../protocol/userpass.ts';
import { NAME_LOCKED, type Logins } from '../logins.ts';
import { mustAllow } from '../refuse.ts';
import type { CheckLogin, Handshake, Surroundings } from '../session.ts';
import { admitWithoutLogin, needsNoLogin } from './unnamed.ts';

export interface PasswordLogin extends UserPass {
  readonly checkLogin: CheckLogin;
}

/**
 * Logs in, with all consequences of success and failure, and sets `session.identity`. Throws or rejects with the fault of the login
 * or of the rules; undefined when it completed synchronously.
 */
export function logInByPassword(
  handshake: Handshake,
  login: PasswordLogin,
  surroundings: Surroundings,
): Promise<void> | undefined {
  const { logins } = surroundings;
  const named = { ...login, name: displayText(login.user) };
  const late = logins.inDueTime(handshake, () => identifyByPassword(handshake, named, surroundings));
  if (late !== undefined) return late.then(() => logins.succeeded(handshake, named.name));
  logins.succeeded(handshake, named.name);
  return undefined;
}

interface NamedLogin extends PasswordLogin {
  readonly name: string;
}

/** Sets `session.identity`; rejects with the fault of the login or of the rules. undefined when it completed synchronously. */
function identifyByPassword(
  handshake: Handshake,
  { name, user, password, checkLogin }: NamedLogin,
  { logins, report }: Surroundings,
): Promise<void> | undefined {
  const check = logins.isLocked(handshake, name) ? lockedCheck(checkLogin) : checkLogin;
  const answer = check(user, password, handshake.session.client.ip, handshake.deadline);
  if (!(answer instanceof Promise)) {
    accept(handshake, answer, logins);
    return undefined;
  }
  const checked = password.length === 0 ? emptyLogin(handshake, answer, logins) : answer;
  // Counted even when the client leaves before the answer: it has guessed all the same.
  void checked.catch((fault: unknown) => {
    if (fault instanceof Fault) logins.failed(handshake, name, fault, report);
  });
  return handshake.deadline.within(checked).then((identity) => accept(handshake, identity, logins));
}

/**
 * An empty password is no guess: some clients without a configured login send one with the name of the local user, because
 * the server has chosen this method. Such a client is admitted as by method 00, where unnamed clients may come in.
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
    if (needsNoLogin(handshake, logins)) return ANONYMOUS;
    throw new Fault('LOGIN_EMPTY', failure.cause);
  }
}

function accept(handshake: Handshake, identity: Identity, logins: Logins): void {
  const { session, snapshot } = handshake;
  if (identity.kind === 'anonymous') {
    session.identity = admitWithoutLogin(handshake, identity, logins);
    return;
  }
  session.identity = identity;
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
