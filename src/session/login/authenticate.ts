// Who is it? Methods in the server's order of preference, or in the client's; only what the client listed is ever taken
// (V5-5).
import { Fault } from '../../base/fault.ts';
import { ANONYMOUS } from '../../policy/identity.ts';
import { METHOD, type Method } from '../../protocol/codes.ts';
import { encodeMethod, type Greeting } from '../../protocol/greeting.ts';
import type { Logins } from '../logins.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { listMethods } from '../spoken.ts';
import { loginWithChap } from './chap.ts';
import { admitUnnamed, mayBeUnnamed } from './unnamed.ts';
import { loginWithPassword } from './userpass.ts';

interface AuthMethod {
  readonly method: Method;
  readonly isOn: (handshake: Handshake, logins: Logins) => boolean;
  /**
   * Settles once the client has been told that it is in, with `session.identity` set; undefined: it has been told. Most are
   * told at once, and a promise costs more than the rest of it.
   */
  readonly login: (handshake: Handshake, surroundings: Surroundings) => Promise<void> | undefined;
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

/** Choice of method and sub-negotiation (RFC 1928 section 3, RFC 1929); undefined: nothing is to be waited for. */
export function authenticate(
  handshake: Handshake,
  greeting: Greeting,
  surroundings: Surroundings,
): Promise<void> | undefined {
  handshake.owed = 'method';
  const chosen = chooseMethod(handshake, greeting, surroundings.logins);
  if (chosen === undefined)
    throw new Fault('METHOD_UNACCEPTABLE', whyUnacceptable(handshake, greeting, surroundings.logins));
  return chosen.login(handshake, surroundings);
}

function chooseMethod(handshake: Handshake, { methods }: Greeting, logins: Logins): AuthMethod | undefined {
  if (handshake.snapshot.logins.methodOrder !== 'client') {
    return METHODS.find(({ method, isOn }) => isOn(handshake, logins) && methods.includes(method));
  }
  for (const offered of methods) {
    const open = METHODS.find(({ method, isOn }) => method === offered && isOn(handshake, logins));
    if (open !== undefined) return open;
  }
  return undefined;
}

const WELCOME = encodeMethod(METHOD.NONE);

/** Method 00. The rules about unnamed clients are asked before the answer, so that a refusal is still possible. */
function enterUnnamed(handshake: Handshake, { logins }: Surroundings): undefined {
  admitUnnamed(handshake, ANONYMOUS, logins);
  handshake.session.identity = ANONYMOUS;
  handshake.leg.write(WELCOME);
}

function whyUnacceptable(handshake: Handshake, { methods }: Greeting, logins: Logins): string {
  const open = METHODS.filter(({ isOn }) => isOn(handshake, logins)).map(({ method }) => method);
  return `offered ${listMethods(methods)}; open to this client: ${listMethods(open)}`;
}
