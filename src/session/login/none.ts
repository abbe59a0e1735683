// Method 00: no login. It is on beside users only with `anonymous`, and for clients that are trusted.
import { ANONYMOUS } from '../../policy/identity.ts';
import { METHOD } from '../../protocol/codes.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import type { Handshake, Surroundings } from '../session.ts';
import type { LoginMethod } from './method.ts';
import { admitUnnamed, mayBeUnnamed } from './unnamed.ts';

export const NONE: LoginMethod = {
  method: METHOD.NONE,
  name: 'no login',
  isOn: mayBeUnnamed,
  login: enterUnnamed,
};

const WELCOME = encodeMethod(METHOD.NONE);

/** The rules about unnamed clients are asked before the answer, so that a refusal is still possible. */
function enterUnnamed(handshake: Handshake, { logins }: Surroundings): undefined {
  admitUnnamed(handshake, ANONYMOUS, logins);
  handshake.session.identity = ANONYMOUS;
  handshake.leg.write(WELCOME);
}
