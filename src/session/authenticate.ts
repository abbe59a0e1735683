// Who is it? Methods in the server's order of preference; only what the client listed is ever taken (V5-5).
import { randomBytes } from 'node:crypto';
import { displayText } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import { ANONYMOUS } from '../policy/identity.ts';
import { admitIdentity } from '../policy/rules.ts';
import { METHOD, type Method } from '../protocol/codes.ts';
import { encodeMethod, type Greeting } from '../protocol/greeting.ts';
import { decodeUserPass, encodeUserPassStatus, type UserPass } from '../protocol/userpass.ts';
import { loginWithChap } from './chap.ts';
import { NAME_LOCKED, type Logins } from './logins.ts';
import { readMessage } from './read.ts';
import { mustAllow } from './refuse.ts';
import type { CheckLogin, Handshake, Surroundings } from './session.ts';
import { admitUnnamed, mayBeUnnamed } from './unnamed.ts';

interface AuthMethod {
  readonly method: Method;
  readonly isOn: (handshake: Handshake, logins: Logins) => boolean;
  /** Settles once the client has been told that it is in, with `session.identity` set. */
  readonly login: (handshake: Handshake, surroundings: Surroundings) => Promise<void>;
}

/**
 * THE order of methods: first those that say who it is, of these first the one that keeps the secret off the wire. 00 is
 * on beside users only with `anonymous`, and for clients that are trusted.
 */
const METHODS: readonly AuthMethod[] = [
  { method: METHOD.CHAP, isOn: ({ snapshot }) => snapshot.chap !== undefined, login: loginWithChap },
  {
    method: METHOD.USERPASS,
    isOn: ({ snapshot }) => snapshot.checkLogin !== undefined,
    login: loginWithPassword,
  },
  { method: METHOD.NONE, isOn: mayBeUnnamed, login: enterUnnamed },
];

/** Choice of method and sub-negotiation (RFC 1928 section 3, RFC 1929). */
export async function authenticate(
  handshake: Handshake,
  greeting: Greeting,
  surroundings: Surroundings,
): Promise<void> {
  handshake.owed = 'method';
  const chosen = METHODS.find(
    ({ method, isOn }) => isOn(handshake, surroundings.logins) && greeting.methods.includes(method),
  );
  if (chosen === undefined)
    throw new Fault('METHOD_UNACCEPTABLE', `offered ${listMethods(greeting.methods)}`);
  await chosen.login(handshake, surroundings);
}

/** Method 00. The rules about unnamed clients are asked before the answer, so that a refusal is still possible. */
function enterUnnamed(handshake: Handshake, { logins }: Surroundings): Promise<void> {
  admitUnnamed(handshake, ANONYMOUS, logins);
  handshake.session.identity = ANONYMOUS;
  handshake.leg.write(encodeMethod(METHOD.NONE));
  return Promise.resolve();
}

async function loginWithPassword(handshake: Handshake, surroundings: Surroundings): Promise<void> {
  const { leg, snapshot } = handshake;
  const { checkLogin } = snapshot;
  if (checkLogin === undefined) throw new Fault('METHOD_UNACCEPTABLE');
  leg.write(encodeMethod(METHOD.USERPASS));
  handshake.owed = 'status';
  const userPass = await readMessage(leg, decodeUserPass);
  handshake.owed = 'verdict';
  const { logins } = surroundings;
  await logins.inDueTime(handshake, () => identify(handshake, checkLogin, userPass, surroundings));
  logins.succeeded(handshake, displayText(userPass.user));
  leg.write(encodeUserPassStatus('success'));
}

/** Sets `session.identity`; rejects with what is wrong with the login, or what the rules have against it. */
async function identify(
  handshake: Handshake,
  checkLogin: CheckLogin,
  userPass: UserPass,
  { logins, report }: Surroundings,
): Promise<void> {
  const { session, deadline, snapshot } = handshake;
  const user = displayText(userPass.user);
  const check = logins.isLocked(handshake, user) ? lockedCheck(checkLogin) : checkLogin;
  const checked = check(userPass.user, userPass.password, session.client.ip);
  // Whether or not the client waits for the answer: who leaves before it has guessed all the same.
  void checked.catch((fault: unknown) => {
    if (fault instanceof Fault) logins.failed(handshake, user, fault, report);
  });
  const identity = await deadline.within(checked);
  session.identity = identity;
  mustAllow(admitIdentity(snapshot.policy, identity, session.client.ip));
}

/**
 * A check that costs what a real one does, and fails. The password is replaced: were it right, its success would be
 * remembered, and the time of the next attempt would tell.
 */
function lockedCheck(checkLogin: CheckLogin): CheckLogin {
  return async (user, password, client) => {
    const failure = await failureOf(checkLogin(user, randomBytes(password.length), client));
    throw failure?.code === 'LOGIN_BUSY' ? failure : new Fault('LOGIN_FAILED', NAME_LOCKED);
  };
}

/** undefined: there was none. Rejects with what is no Fault. */
async function failureOf(work: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await work;
    return undefined;
  } catch (failure) {
    if (failure instanceof Fault) return failure;
    throw failure;
  }
}

function listMethods(methods: Uint8Array): string {
  const names = Array.from(methods.subarray(0, 16), (method) => method.toString(16).padStart(2, '0'));
  return names.length === 0 ? 'none' : names.join(' ');
}
