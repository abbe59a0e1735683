// Method 00: no login. It is on beside users only with `anonymous`, and for clients that are trusted.
import { ANONYMOUS } from '../../policy/identity.ts';
import { METHOD } from '../../protocol/codes.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import type { Handshake, Surroundings } from '../session.ts';
import type { LoginMethod } from './method.ts';
import { admitWithoutLogin, needsNoLogin } from './unnamed.ts';

export const NONE: LoginMethod = {
  method: METHOD.NONE,
  name: 'no login',
  word: 'none',
  isOn: needsNoLogin,
  login: enterUnnamed,
};

const WELCOME = encodeMethod(METHOD.NONE);

/** The rules about unnamed clients are asked before the answer, so that a refusal is still possible. */
function enterUnnamed(handshake: Handshake, { logins }: Surroundings): undefined {
  handshake.session.identity = admitWithoutLogin(handshake, ANONYMOUS, logins);
  handshake.leg.write(WELCOME);
}
