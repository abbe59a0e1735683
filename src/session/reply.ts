// Replies to a request, in the version that the client speaks.
import type { Endpoint } from '../base/ip.ts';
import { REP, type Rep } from '../protocol/codes.ts';
import { encodeReply } from '../protocol/reply.ts';
import { encodeSocks4Reply } from '../protocol/socks4.ts';
import type { Handshake } from './session.ts';

/** Tells the client how its request went; SOCKS4 has one word for every failure. */
export function reply(
  { leg, version }: Pick<Handshake, 'leg' | 'version'>,
  rep: Rep,
  bound?: Endpoint,
): void {
  if (version === 5) leg.write(encodeReply(rep, bound));
  else leg.write(encodeSocks4Reply(rep === REP.SUCCEEDED ? 'granted' : 'rejected', bound));
}
