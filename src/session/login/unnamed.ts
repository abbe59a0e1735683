// Clients that come in without a login, by method 00 or by SOCKS4: unnamed, or vouched for by their account or certificate.
import { Fault } from '../../base/fault.ts';
import { uidOf } from '../../base/unixclient.ts';
import type { Identity } from '../../policy/identity.ts';
import { isOutsider, mustLogIn } from '../../policy/itinerary/admission.ts';
import { isPlainName } from '../../policy/plainname.ts';
import { admitIdentity } from '../../policy/rules/rules.ts';
import type { Logins } from '../logins.ts';
import { isHidden } from '../introduction.ts';
import { mustAllow } from '../refuse.ts';
import type { Handshake, Session } from '../session.ts';

/** Whether this client need not say who it is. */
function mayBeUnnamed(handshake: Handshake, logins: Logins): boolean {
  return !mustLogIn(handshake.snapshot.policy) || logins.trusts(handshake);
}

/**
 * Asks the rules of unnamed clients; throws what they say. Where they say nothing, outsiders are kept out, except for
 * those for whom the whitelist or a login of their own speaks.
 */
function admitUnnamed(handshake: Handshake, identity: Identity, logins: Logins): void {
  const ruling = admitIdentity(handshake.snapshot.policy, identity, handshake.session.client.ip);
  if (!isOutsider(ruling) || !logins.trusts(handshake)) mustAllow(ruling);
}

/**
 * Whether this client is admitted without a message of a login: unnamed, or as the user that its account or its certificate
 * names.
 */
export function needsNoLogin(handshake: Handshake, logins: Logins): boolean {
  return vouchedUser(handshake) !== undefined || mayBeUnnamed(handshake, logins);
}

/**
 * Admits the client and returns its identity: the user that its account or its certificate names, or `unnamed`. Throws the
 * fault.
 */
export function admitWithoutLogin(handshake: Handshake, unnamed: Identity, logins: Logins): Identity {
  const certified = userOfCertificate(handshake);
  const user = certified ?? userOfAccount(handshake);
  if (user instanceof Fault) throw user;
  handshake.session.method =
    user === undefined ? 'none' : certified === undefined ? 'account' : 'certificate';
  if (user === undefined) admitUnnamed(handshake, unnamed, logins);
  else mustAllow(admitIdentity(handshake.snapshot.policy, user, handshake.session.client.ip));
  return user ?? unnamed;
}

/** The user for whom the way in vouches, so that no password is needed; the fault of one who may not log in. */
function vouchedUser(handshake: Handshake): Identity | Fault | undefined {
  return userOfCertificate(handshake) ?? userOfAccount(handshake);
}

function userOfCertificate({ leg, session, snapshot }: Handshake): Identity | Fault | undefined {
  const user = leg.tls?.user ?? (snapshot.proxyUser === 'cn' ? nameFromBalancer(session) : undefined);
  if (user === undefined) return undefined;
  return snapshot.identityNamed?.(user) ?? { kind: 'user', name: user, group: undefined };
}

/** The common name in a certificate that the balancer of the client has checked; undefined: there is none that can be a user's. */
function nameFromBalancer({ introduction }: Session): string | undefined {
  const name = Buffer.from(introduction?.extras.certificateName ?? '', 'latin1').toString('utf8');
  return isPlainName(name) ? name : undefined;
}

/** undefined as well for a client that a balancer passes on without an address. */
function userOfAccount({ session, snapshot }: Handshake): Identity | undefined {
  const uid = uidOf(session.client.ip);
  return uid === undefined || isHidden(session) ? undefined : snapshot.identityOfAccount?.(uid);
}
