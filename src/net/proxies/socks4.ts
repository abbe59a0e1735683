// A SOCKS4 proxy on the way; names are sent to it in the form of SOCKS4a.
import type { Destination } from '../../protocol/address.ts';
import { COMMAND, SOCKS4_REPLY } from '../../protocol/codes.ts';
import { decodeSocks4Reply, encodeSocks4Request } from '../../protocol/socks4.ts';
import { proxyFault, hear, type Talk } from './talk.ts';

/** The user id without an entry in proxy-auth, as with srelay. */
const DEFAULT_USER_ID = Buffer.from('user');

const COMMANDS = { connect: COMMAND.CONNECT, bind: COMMAND.BIND } as const;

/** One request; returns the bound address. Rejects with FAMILY_UNSUPPORTED for addresses that SOCKS4 cannot carry. */
export async function askSocks4(talk: Talk): Promise<Destination> {
  talk.stage = 'request';
  const { leg, command, destination, credentials } = talk;
  if (command === 'assoc') throw proxyFault(talk, 'COMMAND_UNSUPPORTED', 'SOCKS4 has no UDP');
  const userId = credentials?.user ?? DEFAULT_USER_ID;
  const request = encodeSocks4Request({ command: COMMANDS[command], userId, destination });
  if (request === undefined) {
    throw proxyFault(talk, 'FAMILY_UNSUPPORTED', 'SOCKS4 has no room for that address or user id');
  }
  leg.write(request);
  return hearSocks4Reply(talk);
}

/** The next reply. Rejects with PROXY_LOGIN_FAILED for a code about the user id, else PROXY_FAILED. */
export async function hearSocks4Reply(talk: Talk): Promise<Destination> {
  const { code, bound } = await hear(talk, decodeSocks4Reply);
  if (code === SOCKS4_REPLY.GRANTED) return { kind: 'ip', ...bound };
  const isLogin = code === SOCKS4_REPLY.NO_IDENT || code === SOCKS4_REPLY.OTHER_USER;
  throw proxyFault(talk, isLogin ? 'PROXY_LOGIN_FAILED' : 'PROXY_FAILED', `said ${code.toString(16)}`);
}
