// HTTP (RFC 9110, RFC 9112): a request names its destination and brings its login along. CONNECT keeps the leg, so that its tunnel
// is a relay like any other.
import { Fault } from '../../base/fault.ts';
import { readMessage, type FaultOfMessage } from '../../net/read.ts';
import { ANONYMOUS } from '../../policy/identity.ts';
import { credentialsOf } from '../../protocol/http/basic.ts';
import { COMMAND, REP } from '../../protocol/codes.ts';
import type { Decoded } from '../../protocol/decoded.ts';
import { CONNECTED } from '../../protocol/http/httpreply.ts';
import { decodeHttpRequest, type HttpRequest } from '../../protocol/http/httprequest.ts';
import type { Opening } from '../../protocol/opening.ts';
import type { Request } from '../../protocol/request.ts';
import { CONNECT, type Command } from '../commands/commands.ts';
import { forwardingOf } from '../forward/forward.ts';
import { pacFor } from '../forward/pac.ts';
import { logInByPassword } from '../login/password.ts';
import { admitWithoutLogin, needsNoLogin } from '../login/unnamed.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { atListener, faultOfOpening } from '../spoken.ts';
import {
  answeringHttp,
  awaitingLogin,
  challenge,
  checking,
  listening,
  mayAskAgain,
  switchedOff,
} from './httpspeech.ts';
import type { WayIn } from './wayin.ts';

type HttpOpening = Extract<Opening, { readonly version: 'http' }>;

/** A request with what serves it: HTTP has no numbers of commands. */
interface Errand extends Request {
  readonly does: Command;
}

/** How often one connection is asked for a login. */
const MAX_CHALLENGES = 3;

export const HTTP: WayIn = {
  name: 'HTTP',
  families: [4, 6],
  uninvited: 'ignored',
  login,
  request,
  commandOf: (errand: Errand) => errand.does,
  reply: (rep) => (rep === REP.SUCCEEDED ? CONNECTED : new Uint8Array(0)),
};

/** The login comes with the request, so this only checks that HTTP is on. Throws VERSION_UNSUPPORTED. */
function login(handshake: Handshake, { begun }: HttpOpening): undefined {
  const { session, snapshot, leg } = handshake;
  session.version = 'http';
  const first = Buffer.from(begun);
  if (snapshot.http === undefined) {
    handshake.speaker = switchedOff(handshake);
    const { code, cause } = faultOfOpening('VERSION_UNSUPPORTED', first);
    throw atListener(code, `${String(cause)}; http = no`, leg);
  }
  leg.unread(first);
}

/** The first request of a client that may come in; earlier ones are answered with 407. */
async function request(handshake: Handshake, _opening: Opening, surroundings: Surroundings): Promise<Errand> {
  handshake.speaker = listening(handshake);
  for (let challenges = 0; ; challenges++) {
    const asked = await nextRequest(handshake, challenges);
    handshake.speaker = answeringHttp(handshake, asked);
    const pac = pacFor(handshake, asked);
    if (pac !== undefined) return errandHere(handshake, pac);
    const errand = errandOf(asked);
    if ((await identify(handshake, asked, surroundings)) === 'known') return errand;
    if (challenges === MAX_CHALLENGES - 1 || !mayAskAgain(asked))
      throw new Fault('METHOD_UNACCEPTABLE', offered(asked));
    handshake.leg.write(challenge(handshake, asked, 'kept'));
    handshake.speaker = awaitingLogin();
  }
}

async function nextRequest(handshake: Handshake, challenges: number): Promise<HttpRequest> {
  const decode = (bytes: Uint8Array): Decoded<HttpRequest> => {
    handshake.speaker = listening(handshake);
    return decodeHttpRequest(bytes);
  };
  try {
    return await readMessage(handshake.leg, decode, faultOfHead);
  } catch (failure) {
    if (challenges === 0 || !(failure instanceof Fault) || !LEAVING.includes(failure.code)) throw failure;
    throw new Fault(
      'METHOD_UNACCEPTABLE',
      'it has left, or said nothing more, after it was asked for a login',
    );
  }
}

const LEAVING: readonly string[] = ['CLIENT_CLOSED', 'PEER_RESET', 'HANDSHAKE_TIMEOUT'];

/** The fault quotes nothing of the head but a name that no host can have, because heads hold passwords. */
const faultOfHead: FaultOfMessage = (code = 'CLIENT_CLOSED', bytes, why) => {
  if (code !== 'CLIENT_CLOSED') return new Fault(code, why);
  return new Fault(code, bytes.length === 0 ? undefined : `after ${bytes.length} bytes of its request`);
};

/** The PAC file has no destination but this host. */
function errandHere({ session, leg }: Handshake, does: Command): Errand {
  session.identity = ANONYMOUS;
  return { command: COMMAND.CONNECT, destination: { kind: 'ip', ...leg.local }, does };
}

/** Throws the fault of a request that is not served. */
function errandOf(asked: HttpRequest): Errand {
  const { target } = asked;
  switch (target.kind) {
    case 'authority':
      return { command: COMMAND.CONNECT, destination: target.destination, does: CONNECT };
    case 'absolute':
      return { command: COMMAND.CONNECT, destination: target.destination, does: forwardingOf(asked, target) };
    case 'origin':
      throw new Fault('MESSAGE_MALFORMED', 'a path instead of a URL: this is a proxy, and no web server');
  }
}

/** Sets `session.identity` where the answer is `known`; `unknown`: a login is required, and the request brings none. */
async function identify(
  handshake: Handshake,
  asked: HttpRequest,
  surroundings: Surroundings,
): Promise<'known' | 'unknown'> {
  const { snapshot } = handshake;
  const credentials = credentialsOf(asked.fields);
  if (credentials.kind === 'bad') throw new Fault('MESSAGE_MALFORMED', credentials.why);
  if (credentials.kind !== 'basic' || snapshot.checkLogin === undefined)
    return comeUnnamed(handshake, surroundings);
  handshake.speaker = checking(handshake, asked);
  handshake.session.method = 'basic';
  const late = logInByPassword(
    handshake,
    { ...credentials.login, checkLogin: snapshot.checkLogin },
    surroundings,
  );
  if (late !== undefined) await late;
  handshake.speaker = answeringHttp(handshake, asked);
  return 'known';
}

/**
 * HTTP clients do not say beforehand that they can log in, so a client that the rules refuse without a login is asked for
 * one. Throws the fault of the rules where a login would not help.
 */
function comeUnnamed(handshake: Handshake, { logins }: Surroundings): 'known' | 'unknown' {
  if (!needsNoLogin(handshake, logins)) return 'unknown';
  try {
    handshake.session.identity = admitWithoutLogin(handshake, ANONYMOUS, logins);
  } catch (denial) {
    if (handshake.snapshot.checkLogin === undefined) throw denial;
    return 'unknown';
  }
  return 'known';
}

function offered({ fields }: HttpRequest): string {
  const credentials = credentialsOf(fields);
  return credentials.kind === 'other'
    ? `its Proxy-Authorization is of the scheme ${credentials.scheme}, and Basic alone is served`
    : 'its request has no Proxy-Authorization';
}
