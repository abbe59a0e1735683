// Whether a session that was let in would be let in now: the questions of its handshake, put to the rules of today.
import { Fault } from '../../base/fault.ts';
import { isUnspecified, type Ip } from '../../base/ip.ts';
import { uidOf } from '../../base/unixclient.ts';
import type { Identity } from '../../policy/identity.ts';
import { checkpointsOf } from '../../policy/itinerary/admission.ts';
import { admitHeading } from '../../policy/itinerary/itinerary.ts';
import { admitCommand } from '../../policy/rules/commands.ts';
import { admitRequest, type Policy } from '../../policy/rules/rules.ts';
import { denialOf } from '../asking.ts';
import type { IdentityOfAccount } from '../session.ts';
import type { SessionFacts } from '../events.ts';
import { isHidden } from '../introduction.ts';

/** The users and rules in force now. */
export interface Admission {
  readonly policy: Policy;
  /** The user of that name with the current group; undefined when no user of that name can log in. */
  readonly findUser: (name: string) => Identity | undefined;
  /** Whether a source may know a user of that name, whom no file has; absent: no source is asked. */
  readonly mayBeAsked?: ((name: string) => boolean) | undefined;
  readonly identityOfAccount?: IdentityOfAccount | undefined;
  /** Who has shown a ticket in that name; undefined: they could not log in with it now. */
  readonly findHolder?: ((name: string) => Identity | undefined) | undefined;
  /** Whether a client need not log in although there are users, and may come from outside. */
  readonly trusts: (client: Ip) => boolean;
}

/**
 * The refusal that the session would get if it came now; undefined when it would be let in. A stage that it has not come to yet
 * is not asked about. Of UDP it is asked whether any target is allowed: which one is a matter of each datagram.
 */
export function objectionTo(session: SessionFacts, admission: Admission): Fault | undefined {
  const { policy, trusts } = admission;
  const client = session.client.ip;
  const identity = session.identity && identityNow(session.identity, client, admission);
  const isUnknown = isHidden(session);
  const isTrusted = (): boolean => !isUnknown && trusts(client);
  for (const { ruling } of checkpointsOf(policy, { client, isHidden: isUnknown, identity, isTrusted })) {
    const denial = denialOf(ruling);
    if (denial !== undefined) return denial;
  }
  if (session.identity === undefined) return undefined;
  if (identity === undefined) return new Fault('LOGIN_FAILED', 'no such user any more');
  return objectionToRequest(session, identity, policy);
}

/** undefined when the user no longer exists. */
function identityNow(
  identity: Identity,
  client: Ip,
  { findUser, mayBeAsked, findHolder, identityOfAccount }: Admission,
): Identity | undefined {
  if (identity.kind !== 'user') return identity;
  if (identity.by === 'ticket') return findHolder?.(identity.name);
  const uid = uidOf(client);
  const own = uid === undefined ? undefined : identityOfAccount?.(uid);
  if (own?.kind === 'user' && own.name === identity.name) return own;
  // No source is asked again, because the password is not known any more.
  return findUser(identity.name) ?? (mayBeAsked?.(identity.name) === true ? identity : undefined);
}

function objectionToRequest(session: SessionFacts, identity: Identity, policy: Policy): Fault | undefined {
  const { command, destination } = session;
  switch (command) {
    case undefined:
    case 'resolve':
    case 'resolve-ptr':
    case 'pac':
      // No request yet, or the session ended with its answer.
      return undefined;
    case 'assoc':
      return denialOf(admitCommand(policy, identity, command));
    case 'connect':
    case 'bind': {
      if (destination === undefined) return undefined;
      const asking = {
        identity,
        client: session.client.ip,
        isHidden: isHidden(session),
        command,
        destination,
      };
      const heading = hasTravelled(session) ? 'remote' : 'look-up';
      const ip = heading === 'remote' ? undefined : askedAddressOf(session);
      const byName = denialOf(admitHeading(policy, asking, heading));
      return byName ?? (ip && denialOf(admitRequest(policy, asking, ip)));
    }
  }
}

/** Whether its name went to a proxy, so that the address is unknown here. */
function hasTravelled({ command, destination, dialled, via, isBoundByName }: SessionFacts): boolean {
  if (command === 'bind') return isBoundByName === true;
  return destination?.kind === 'name' && via !== undefined && dialled === undefined;
}

/** The one that was dialled, or will be. */
function askedAddressOf({ dialled, destination }: SessionFacts): Ip | undefined {
  if (dialled !== undefined) return dialled.ip;
  return destination?.kind === 'ip' && !isUnspecified(destination.ip) ? destination.ip : undefined;
}
