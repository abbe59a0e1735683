// The rulings on a client and its request: at accept, after the login, before a name is looked up, and for
// each address that is about to be dialled. Pure decisions over one snapshot of the configuration; the first rule that
// matches decides, and where a list has rules, what none of them matches is denied. docs/rules.md is the whole language.
import { isUnspecified, type Ip } from '../../base/ip.ts';
import { ANONYMOUS, type Identity } from '../identity.ts';
import type { Asking } from './asking.ts';
import { carriedAddresses } from './carriers.ts';
import { guard, isLocalClient } from './guard.ts';
import {
  isNamed,
  leadsTo,
  ruleApplies,
  type NetworkList,
  type RequestList,
  type RequestMatcher,
} from './lists.ts';
import type { Policy } from './policy.ts';
import { ALLOW, deny, GUARD_DENIED, type Ruling } from './ruling.ts';
import { listFor } from './sections.ts';
import { addressOfIp, spanHoldsClient } from './span.ts';

export type { Asking } from './asking.ts';
export type { Policy } from './policy.ts';
export type { Ruling } from './ruling.ts';

const NOT_LOCAL = deny('CLIENT_NOT_LOCAL');
const HIDDEN = deny('CLIENT_HIDDEN');

/**
 * Whether to talk to a client at all, at accept: CLIENT_DENIED by the global network rules, or CLIENT_NOT_LOCAL where
 * nothing is configured that would keep outsiders out.
 */
export function admitClient(policy: Policy, client: Ip): Ruling {
  const { network } = policy.book.global;
  if (network !== undefined) return admitByNetwork(network, client);
  return policy.hasUsers ? ALLOW : admitIdentity(policy, ANONYMOUS, client);
}

/**
 * The same for a client whose balancer does not say who it is: CLIENT_HIDDEN unless a global network rule admits the balancer, whose
 * address makes no client local.
 */
export function admitHidden(policy: Policy, balancer: Ip): Ruling {
  const { network } = policy.book.global;
  return network === undefined ? HIDDEN : admitByNetwork(network, balancer);
}

/**
 * Whether an identity may come from where it comes, after the login: CLIENT_DENIED by the network rules of its section,
 * or CLIENT_NOT_LOCAL for an outsider who needs no login and about whom no rule says anything.
 */
export function admitIdentity(policy: Policy, identity: Identity, client: Ip): Ruling {
  const network = listFor(policy.book, identity, 'network');
  if (network !== undefined) return admitByNetwork(network, client);
  if (identity.kind === 'user' || isLocalClient(client, policy.here)) return ALLOW;
  return NOT_LOCAL;
}

/**
 * Whether to look up the name that is asked for, or to let BIND wait for anybody, which it says with an unspecified
 * address: REQUEST_DENIED where no address could be allowed. Whatever else this says, admitRequest() has to be asked
 * about each address. A destination that is any other address is none of its business.
 */
export function admitName(policy: Policy, asking: Asking): Ruling {
  const { destination } = asking;
  const list = listFor(policy.book, asking.identity, 'request');
  if (list === undefined || (destination.kind === 'ip' && !isUnspecified(destination.ip))) return ALLOW;
  for (const rule of list.rules[asking.command]) {
    if (!ruleApplies(rule, asking, policy.now)) continue;
    if (rule.goal.kind !== 'addresses') {
      if (isNamed(rule.goal, destination)) return rule.ruling;
    } else if (rule.ruling.verdict === 'allow') return ALLOW; // Its addresses decide.
  }
  return list.otherwise;
}

/**
 * Whether a name may travel to a proxy that looks it up: REQUEST_DENIED by the rules that name it. Where it leads nobody here
 * gets to know, so rules with addresses match nothing, and the guard is not asked.
 */
export function admitUnresolved(policy: Policy, asking: Asking): Ruling {
  const list = listFor(policy.book, asking.identity, 'request');
  if (list === undefined) return ALLOW;
  const named = list.rules[asking.command].find(
    (rule) =>
      rule.goal.kind !== 'addresses' &&
      ruleApplies(rule, asking, policy.now) &&
      isNamed(rule.goal, asking.destination),
  );
  return named?.ruling ?? list.otherwise;
}

/**
 * Whether a request may go to `ip`, an address of its destination that is about to be dialled: REQUEST_DENIED by the
 * request rules of the identity's section, or GUARD_DENIED. A rule that allows the destination by its address stands
 * above the guard. An IPv6 address that carries an IPv4 address is denied where that one is, and allowed only as itself.
 */
export function admitRequest(policy: Policy, asking: Asking, ip: Ip): Ruling {
  const list = listFor(policy.book, asking.identity, 'request');
  if (list === undefined) return admitByGuard(policy, asking, ip, ALLOW);
  const rule = firstMatch(list, asking, ip, policy);
  if (rule === undefined) return list.otherwise;
  const { goal, ruling } = rule;
  // Only a rule that lists addresses overrides the guard; `*` and host names do not.
  if (ruling.verdict === 'deny' || goal.kind === 'addresses') return ruling;
  return admitByGuard(policy, asking, ip, ruling);
}

function admitByNetwork({ rules, otherwise }: NetworkList, client: Ip): Ruling {
  const address = addressOfIp(client);
  for (const { span, ruling } of rules) {
    if (span === undefined || spanHoldsClient(span, address, client)) return ruling;
  }
  return otherwise;
}

function admitByGuard(policy: Policy, asking: Asking, ip: Ip, allowed: Ruling): Ruling {
  const client = asking.isHidden === true ? undefined : asking.client;
  return guard(client, ip, policy.here) === 'allow' ? allowed : GUARD_DENIED;
}

const NOTHING: readonly never[] = [];

function firstMatch(
  { rules }: RequestList,
  asking: Asking,
  ip: Ip,
  { here, now }: Policy,
): RequestMatcher | undefined {
  const address = addressOfIp(ip);
  const carried =
    typeof address === 'number' ? NOTHING : carriedAddresses(ip, here.carriers()).map(addressOfIp);
  for (const rule of rules[asking.command]) {
    if (ruleApplies(rule, asking, now) && leadsTo(rule, asking, address, carried)) return rule;
  }
  return undefined;
}
