// A user whose name is proved by something else than a password: a certificate.
import { byteString } from '../base/bytes.ts';
import type { Fault } from '../base/fault.ts';
import type { Identity } from '../policy/identity.ts';
import { barOf } from './files/standing.ts';
import type { Users } from './files/users.ts';

/** One that no file knows has no group. LOGIN_LOCKED or LOGIN_EXPIRED: a file says that it may not come in. */
export function identityNamed({ byName }: Pick<Users, 'byName'>, name: string): Identity | Fault {
  const user = byName.get(byteString(Buffer.from(name)));
  return (user && barOf(user)) ?? { kind: 'user', name: user?.name ?? name, group: user?.group };
}
