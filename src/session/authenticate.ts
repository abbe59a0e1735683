// Who is it? Methods in the server's order of preference; only what the client listed is ever taken (V5-5).
import { displayText } from '../base/bytes.ts';
import { Fault } from '../base/fault.ts';
import { ANONYMOUS, type Identity } from '../policy/identity.ts';
import { admitIdentity } from '../policy/rules.ts';
import { METHOD, type Method } from '../protocol/codes.ts';
import { encodeMethod, type Greeting } from '../protocol/greeting.ts';
import { decodeUserPass, encodeUserPassStatus, type UserPass } from '../protocol/userpass.ts';
import { loginWithChap } from './chap.ts';
import type { Report } from './events.ts';
import { readMessage } from './read.ts';
import { mustAllow } from './refuse.ts';
import type { CheckLogin, Handshake, Snapshot } from './session.ts';

interface AuthMethod {
  readonly method: Method;
  readonly isOn: (snapshot: Snapshot) => boolean;
  /** Settles once the client has been told that it is in, with `session.identity` set. */
  readonly login: (handshake: Handshake, report: Report) => Promise<void>;
}

/**
 * THE order of methods: first those that say who it is, of these first the one that keeps the secret off the wire. 00 is
 * on beside users only with `anonymous`.
 */
const METHODS: readonly AuthMethod[] = [
  { method: METHOD.CHAP, isOn: ({ chap }) => chap !== undefined, login: loginWithChap },
  { method: METHOD.USERPASS, isOn: ({ checkLogin }) => checkLogin !== undefined, login: loginWithPassword },
  { method: METHOD.NONE, isOn: ({ policy }) => policy.anonymous || !policy.hasUsers, login: enterUnnamed },
];

/** Choice of method and sub-negotiation (RFC 1928 section 3, RFC 1929). */
export async function authenticate(handshake: Handshake, greeting: Greeting, report: Report): Promise<void> {
  handshake.owed = 'method';
  const chosen = METHODS.find(
    ({ method, isOn }) => isOn(handshake.snapshot) && greeting.methods.includes(method),
  );
  if (chosen === undefined)
    throw new Fault('METHOD_UNACCEPTABLE', `offered ${listMethods(greeting.methods)}`);
  await chosen.login(handshake, report);
}

/** Method 00. The rules about unnamed clients are asked before the answer, so that a refusal is still possible. */
function enterUnnamed({ session, snapshot, leg }: Handshake): Promise<void> {
  mustAllow(admitIdentity(snapshot.policy, ANONYMOUS, session.client.ip));
  session.identity = ANONYMOUS;
  leg.write(encodeMethod(METHOD.NONE));
  return Promise.resolve();
}

async function loginWithPassword(handshake: Handshake, report: Report): Promise<void> {
  const { session, leg, snapshot } = handshake;
  if (snapshot.checkLogin === undefined) throw new Fault('METHOD_UNACCEPTABLE');
  leg.write(encodeMethod(METHOD.USERPASS));
  handshake.owed = 'status';
  const userPass = await readMessage(leg, decodeUserPass);
  handshake.owed = 'verdict';
  session.identity = await check(handshake, snapshot.checkLogin, userPass, report);
  mustAllow(admitIdentity(snapshot.policy, session.identity, session.client.ip));
  leg.write(encodeUserPassStatus('success'));
}

async function check(
  { session, deadline }: Handshake,
  checkLogin: CheckLogin,
  { user, password }: UserPass,
  report: Report,
): Promise<Identity> {
  const checked = checkLogin(user, password, session.client.ip);
  void checked.catch((fault: unknown) => {
    if (fault instanceof Fault) report({ kind: 'loginFailed', session, user: displayText(user), fault });
  });
  return deadline.within(checked);
}

function listMethods(methods: Uint8Array): string {
  const names = Array.from(methods.subarray(0, 16), (method) => method.toString(16).padStart(2, '0'));
  return names.length === 0 ? 'none' : names.join(' ');
}
