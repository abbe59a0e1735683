// A configuration and its users as what sessions run on.
import { createChapVerifier } from '../../auth/chap.ts';
import type { TicketProcess } from '../../auth/kerberos/tickets.ts';
import type { LoginChecker } from '../../auth/login.ts';
import { identityNamed } from '../../auth/named.ts';
import type { Ip } from '../../base/ip.ts';
import type { EphemeralPorts } from '../../net/native/ephemeralports.ts';
import type { Ways } from '../../net/routes/ways.ts';
import type { HostsAccess } from '../../policy/access/hostsaccess.ts';
import type { Own } from '../../policy/rules/here.ts';
import type { OnNearMiss } from '../../policy/itinerary/routes.ts';
import type { Sources } from '../../policy/rules/sources.ts';
import type { CheckLogin, Snapshot } from '../../session/session.ts';
import { snapshotOf } from '../../session/snapshot.ts';
import type { AccountNames } from './accountusers.ts';
import type { Usable } from './load.ts';
import type { Nat64 } from './nat64.ts';
import { isSelf } from './routeloops.ts';
import { ticketHolders } from './ticketholders.ts';

type SnapshotRouting = NonNullable<Snapshot['routing']>;

/** Users that no file has. */
export interface AskedUsers {
  /** undefined: the configuration names no source that is asked. */
  readonly checkFor: (usable: Usable, checker: LoginChecker) => CheckLogin | undefined;
}

/** State that outlives a reload. */
export interface Lasting {
  readonly asked: AskedUsers;
  readonly checker: LoginChecker;
  readonly own: Own;
  readonly nat64: Nat64;
  readonly hostsAccess: HostsAccess;
  readonly ways: Ways;
  readonly onNearMiss: OnNearMiss;
  readonly sources: Sources;
  readonly ephemeralPorts: EphemeralPorts;
  readonly accountNames: AccountNames;
  /** undefined: there is no keytab. */
  readonly tickets: TicketProcess | undefined;
  /** Our logins at proxies by a file of them. */
  readonly followLogins: (file: string) => SnapshotRouting['credentials'];
}

/** `bindAddresses`: what resolveBind() makes of `config.bind`. */
export function buildSnapshot(usable: Usable, bindAddresses: readonly Ip[], lasting: Lasting): Snapshot {
  const { config, users, trust, pac } = usable;
  const { own, nat64, hostsAccess, followLogins, accountNames, tickets } = lasting;
  const { proxyAuth, listen } = config;
  return snapshotOf(config, {
    ...lasting,
    found: nat64,
    bindAddresses,
    checkLogin: config.auth.length > 0 ? checkFor(usable, lasting) : undefined,
    identityNamed: (user) => identityNamed(users, user),
    chap: createChapVerifier(users),
    gssapi:
      config.gssapiKeytab === undefined || tickets === undefined
        ? undefined
        : { tickets, protection: config.gssapiProtection, ...ticketHolders(users, config.gssapiRealm) },
    identityOfAccount: config.unixUser ? accountNames.identities(users) : undefined,
    pac,
    hostsAccess: config.tcpWrappers ? hostsAccess : undefined,
    atProxies: {
      credentials: proxyAuth === undefined ? () => undefined : followLogins(proxyAuth),
      trust,
      isSelf: (endpoint) => isSelf(endpoint, listen, own.delivers),
    },
  });
}

function checkFor(usable: Usable, { checker, asked }: Lasting): CheckLogin {
  const { users } = usable;
  return (
    asked.checkFor(usable, checker) ??
    ((user, password, client) => checker.check(users, user, password, client))
  );
}
