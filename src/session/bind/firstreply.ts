// The first of the two replies to BIND (RFC 1928 section 6), and the only one that serve() does not write: the client has to know
// the port before anyone can come to it.
import type { Endpoint } from '../../base/ip.ts';
import { REP } from '../../protocol/codes.ts';
import type { Report } from '../events.ts';
import type { Handshake } from '../session.ts';

/** `bound` is where the peer shall come to. */
export function tellPort(
  { session, leg, dialect }: Pick<Handshake, 'session' | 'leg' | 'dialect'>,
  bound: Endpoint,
  report: Report,
): void {
  leg.write(dialect.reply(REP.SUCCEEDED, bound));
  report({ kind: 'listening', session, bound });
}
