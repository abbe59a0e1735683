// The way in for SOCKS4: no methods and no login, so only clients that may come in unnamed get any further.
import { cutName, displayText } from '../../base/bytes.ts';
import { Fault } from '../../base/fault.ts';
import type { Identity } from '../../policy/identity.ts';
import type { Request } from '../../protocol/request.ts';
import type { Socks4Request } from '../../protocol/socks4.ts';
import type { Logins } from '../logins.ts';
import type { Handshake } from '../session.ts';
import { badName } from '../spoken.ts';
import { admitUnnamed, mayBeUnnamed } from './unnamed.ts';

/**
 * Names the client by its user id, which proves nothing and is kept up to its first colon: behind that some clients send a
 * password. Throws LOGIN_IMPOSSIBLE, what the rules say, or NAME_INVALID.
 */
export function enterSocks4(
  handshake: Handshake,
  { command, userId, destination, unfit }: Socks4Request,
  logins: Logins,
): Request {
  handshake.version = 4;
  handshake.owed = 'reply';
  // Before anything can fail: the log shall have the user id of those who are refused, too.
  const identity = identityOf(userId);
  handshake.session.identity = identity;
  if (!mayBeUnnamed(handshake, logins)) throw new Fault('LOGIN_IMPOSSIBLE');
  admitUnnamed(handshake, identity, logins);
  if (destination === undefined) throw new Fault('NAME_INVALID', unfit && badName(unfit.name, unfit.port));
  return { command, destination };
}

function identityOf(userId: Uint8Array): Identity {
  return { kind: 'anonymous', userId: userId.length === 0 ? undefined : cutName(displayText(userId)) };
}
