// Clients that come in without a login, by method 00 or by SOCKS4.
import type { Identity } from '../../policy/identity.ts';
import { isOutsider, mustLogIn } from '../../policy/itinerary/admission.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import type { Logins } from '../logins.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake } from '../session.ts';

/** Whether this client need not say who it is. */
export function mayBeUnnamed(handshake: Handshake, logins: Logins): boolean {
  return !mustLogIn(handshake.snapshot.policy) || logins.trusts(handshake);
}

/**
 * Asks the rules of unnamed clients; throws what they say. Where they say nothing, outsiders are kept out, except for
 * those for whom the whitelist or a login of their own speaks.
 */
export function admitUnnamed(handshake: Handshake, identity: Identity, logins: Logins): void {
  const ruling = admitIdentity(handshake.snapshot.policy, identity, handshake.session.client.ip);
  if (!isOutsider(ruling) || !logins.trusts(handshake)) mustAllow(ruling);
}
