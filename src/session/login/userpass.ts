// Login with user and password (RFC 1929).
import { Fault } from '../../base/fault.ts';
import { readMessage } from '../../net/read.ts';
import { METHOD } from '../../protocol/codes.ts';
import { encodeMethod } from '../../protocol/greeting.ts';
import { decodeUserPass, encodeUserPassStatus } from '../../protocol/userpass.ts';
import { answering, type Speaker } from '../dialect.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { faultOfLogin, STAGE_OF_LOGIN } from '../spoken.ts';
import type { LoginMethod } from './method.ts';
import { logInByPassword } from './password.ts';

export const USERPASS: LoginMethod = {
  method: METHOD.USERPASS,
  name: 'user and password',
  word: 'userpass',
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
  const late = logInByPassword(handshake, { user, password, checkLogin }, surroundings);
  if (late !== undefined) await late;
  leg.write(SUCCESS);
}
