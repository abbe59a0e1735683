// Questions about a client, in this order: its address at accept, then whether it may stay unnamed and whether its identity may come
// from there. Sessions ask as they learn of it; the recheck and --explain ask all at once.
import type { Ip } from '../../base/ip.ts';
import type { Identity } from '../identity.ts';
import type { Policy } from '../rules/policy.ts';
import { admitClient, admitHidden, admitIdentity } from '../rules/rules.ts';
import { ALLOW, deny, type Ruling } from '../rules/ruling.ts';

/** The client, as far as it is known. */
export interface Visitor {
  readonly client: Ip;
  /** As Asking has it. */
  readonly isHidden?: boolean;
  /** undefined before the login. */
  readonly identity: Identity | undefined;
  /** Whether a whitelist or an earlier login speaks for clients of its address. */
  readonly isTrusted: () => boolean;
}

/** One question, and its answer. */
export interface Checkpoint {
  readonly question: 'client' | 'login';
  readonly ruling: Ruling;
}

/** The ruling on a client without a login where it needs one. */
export const LOGIN_REQUIRED = deny('METHOD_UNACCEPTABLE', 'a login is required now');

/** All questions that can be asked by now, also those after a refusal. */
export function checkpointsOf(
  policy: Policy,
  { client, isHidden = false, identity, isTrusted }: Visitor,
): readonly Checkpoint[] {
  const atAccept: Checkpoint = {
    question: 'client',
    ruling: isHidden ? admitHidden(policy, client) : admitClient(policy, client),
  };
  if (identity === undefined) return [atAccept];
  if (identity.kind === 'anonymous' && mustLogIn(policy) && !isTrusted())
    return [atAccept, { question: 'login', ruling: LOGIN_REQUIRED }];
  const ruling = admitIdentity(policy, identity, client);
  return [atAccept, { question: 'login', ruling: isOutsider(ruling) && isTrusted() ? ALLOW : ruling }];
}

/** Whether clients that nothing speaks for need a login. */
export function mustLogIn({ hasUsers, anonymous }: Policy): boolean {
  return hasUsers && !anonymous;
}

/** Whether a client is kept out only because it comes from outside and no rule names it: a trusted one may come all the same. */
export function isOutsider(ruling: Ruling): boolean {
  return ruling.verdict === 'deny' && ruling.code === 'CLIENT_NOT_LOCAL';
}
