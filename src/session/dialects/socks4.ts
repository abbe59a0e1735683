// SOCKS4 and SOCKS4a: one message asks, one answers. No methods and no login, so only clients that may come in unnamed get any
// further.
import { cutName, displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Identity } from '../../policy/identity.ts';
import { COMMAND, REP, type Rep } from '../../protocol/codes.ts';
import type { Opening } from '../../protocol/opening.ts';
import type { Request } from '../../protocol/request.ts';
import { encodeSocks4Reply } from '../../protocol/socks4.ts';
import { answering, type Bound, type Speaker } from '../dialect.ts';
import { admitWithoutLogin, needsNoLogin } from '../login/unnamed.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { badName, stageOfRequest } from '../spoken.ts';
import { BIND, CONNECT, RESOLVE, type Command } from '../commands/commands.ts';
import type { WayIn } from './wayin.ts';

type Socks4Opening = Extract<Opening, { readonly version: 4 }>;

const COMMANDS: ReadonlyMap<number, Command> = new Map([
  [COMMAND.CONNECT, CONNECT],
  [COMMAND.BIND, BIND],
  [COMMAND.RESOLVE, RESOLVE],
]);

export const SOCKS4: WayIn = {
  name: 'SOCKS4',
  // Its reply has room for no other.
  families: [4],
  // As the SOCKS4 document says (V4-6), unlike RFC 1928 (V5-24).
  uninvited: 'ends',
  login,
  request,
  commandOf: ({ command }) => COMMANDS.get(command),
  reply,
};

const SPEAKER: Speaker = {
  refusal: answering(reply),
  tellsRep: true,
  stage: stageOfRequest,
};

/**
 * Names the client by its user id, which proves nothing and is cut at its first colon, because some clients send a password after
 * it. Throws LOGIN_IMPOSSIBLE, or the fault of the rules.
 */
function login(handshake: Handshake, opening: Socks4Opening, { logins }: Surroundings): undefined {
  handshake.speaker = SPEAKER;
  // Before anything can fail, so that the log has the user id of refused clients too.
  const identity = identityOf(opening.request.userId);
  handshake.session.identity = identity;
  if (!needsNoLogin(handshake, logins)) throw new Fault('LOGIN_IMPOSSIBLE');
  handshake.session.identity = admitWithoutLogin(handshake, identity, logins);
}

function identityOf(userId: Uint8Array): Identity {
  return { kind: 'anonymous', userId: userId.length === 0 ? undefined : cutName(displayText(userId)) };
}

/** Throws NAME_INVALID. */
function request({ session }: Handshake, opening: Socks4Opening): Request {
  const { command, destination, unfit } = opening.request;
  if (destination !== undefined) return { command, destination };
  session.command = COMMANDS.get(command)?.name;
  throw new Fault('NAME_INVALID', unfit && badName(unfit.name, unfit.port));
}

/** There is one word for every failure. */
function reply(rep: Rep, bound?: Bound): Uint8Array {
  const verdict = rep === REP.SUCCEEDED ? 'granted' : 'rejected';
  return encodeSocks4Reply(verdict, bound !== undefined && 'ip' in bound ? bound : undefined);
}
