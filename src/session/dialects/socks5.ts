// SOCKS5 (RFC 1928): a choice of methods, a login, one request.
import { nextMessage } from '../../net/read.ts';
import { COMMAND, type Rep } from '../../protocol/codes.ts';
import type { Opening } from '../../protocol/opening.ts';
import { encodeNameReply, encodeReply } from '../../protocol/reply.ts';
import { decodeRequest, type Request } from '../../protocol/request.ts';
import { answering, type Bound, type Speaker } from '../dialect.ts';
import { authenticate } from '../login/authenticate.ts';
import type { Handshake, Surroundings } from '../session.ts';
import { faultOfRequest, stageOfRequest } from '../spoken.ts';
import { ASSOCIATE, BIND, CONNECT, RESOLVE, RESOLVE_PTR, type Command } from '../commands/commands.ts';
import type { WayIn } from './wayin.ts';

type Socks5Opening = Extract<Opening, { readonly version: 5 }>;

const COMMANDS: ReadonlyMap<number, Command> = new Map([
  [COMMAND.CONNECT, CONNECT],
  [COMMAND.BIND, BIND],
  [COMMAND.UDP_ASSOCIATE, ASSOCIATE],
  [COMMAND.RESOLVE, RESOLVE],
  [COMMAND.RESOLVE_PTR, RESOLVE_PTR],
]);

export const SOCKS5: WayIn = {
  name: 'SOCKS5',
  families: [4, 6],
  uninvited: 'ignored',
  login,
  request,
  commandOf: ({ command }) => COMMANDS.get(command),
  reply,
};

/** From the login on. */
const SPEAKER: Speaker = {
  refusal: answering(encodeReply),
  tellsRep: true,
  stage: stageOfRequest,
};

function login(
  handshake: Handshake,
  { greeting }: Socks5Opening,
  surroundings: Surroundings,
): Promise<void> | undefined {
  return authenticate(handshake, greeting, surroundings);
}

function request(handshake: Handshake): Promise<Request> | Request {
  handshake.speaker = SPEAKER;
  return nextMessage(handshake.leg, decodeRequest, (code, bytes) => {
    handshake.session.command = COMMANDS.get(bytes[1] ?? 0)?.name;
    return faultOfRequest(code, bytes);
  });
}

function reply(rep: Rep, bound?: Bound): Uint8Array {
  return bound !== undefined && 'name' in bound ? encodeNameReply(bound.name) : encodeReply(rep, bound);
}
