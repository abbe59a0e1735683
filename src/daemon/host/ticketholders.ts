// The users that tickets of Kerberos name: by their principals, with the groups of the files of users.
import type { Users } from '../../auth/files/users.ts';
import { identityNamed } from '../../auth/named.ts';
import { Fault } from '../../base/fault.ts';
import type { GssapiLogin } from '../../auth/kerberos/tickets.ts';

/** As long as the name of a user may be in any other login. */
const MAX_NAME_BYTES = 255;

/** `realm`: the one that is cut off; undefined: none is. */
export function ticketHolders(
  users: Pick<Users, 'byName'>,
  realm: string | undefined,
): Pick<GssapiLogin, 'nameOf' | 'holderOf'> {
  const end = realm === undefined ? undefined : `@${realm}`;
  return {
    nameOf: (principal) =>
      end !== undefined && principal.endsWith(end) ? principal.slice(0, -end.length) : principal,
    holderOf(name) {
      if (name === '' || Buffer.byteLength(name) > MAX_NAME_BYTES)
        return new Fault('TICKET_REFUSED', `its name has not 1 to ${MAX_NAME_BYTES} bytes`);
      // Anonymous tickets (RFC 8062), and names that a realm keeps for itself.
      if (name.startsWith('WELLKNOWN/')) return new Fault('TICKET_REFUSED', `${name} is nobody`);
      const identity = identityNamed(users, name);
      return identity instanceof Fault ? identity : { ...identity, by: 'ticket' };
    },
  };
}
