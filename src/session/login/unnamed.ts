// Clients that come in without a login, by method 00 or by SOCKS4.
import { uidOf } from '../../base/unixclient.ts';
import type { Identity } from '../../policy/identity.ts';
import { isOutsider, mustLogIn } from '../../policy/itinerary/admission.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import type { Logins } from '../logins.ts';
import { isHidden } from '../introduction.ts';
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

/** Whether this client gets in without a message of a login: unnamed, or as the user of its account. */
export function needsNoLogin(handshake: Handshake, logins: Logins): boolean {
  return userOfAccount(handshake) !== undefined || mayBeUnnamed(handshake, logins);
}

/** Lets it in, and gives who it is: the user of its account, or `unnamed`. Throws what the rules say. */
export function admitWithoutLogin(handshake: Handshake, unnamed: Identity, logins: Logins): Identity {
  const user = userOfAccount(handshake);
  if (user === undefined) admitUnnamed(handshake, unnamed, logins);
  else mustAllow(admitIdentity(handshake.snapshot.policy, user, handshake.session.client.ip));
  return user ?? unnamed;
}

/** undefined as well for one that a balancer passes on without saying who it is. */
function userOfAccount({ session, snapshot }: Handshake): Identity | undefined {
  const uid = uidOf(session.client.ip);
  return uid === undefined || isHidden(session) ? undefined : snapshot.identityOfAccount?.(uid);
}
