// What the rules say about a client and its request: at accept, after the login, and for each address that is
// about to be dialled. Pure decisions over one snapshot of the configuration; the first rule that matches decides,
// and where a list has rules, what none of them matches is denied.
import type { FaultCode } from '../base/fault.ts';
import { bytesInCidr, ipToBytes, unmapIp, type Ip } from '../base/ip.ts';
import type { NetworkRule, RequestCommand, Section } from '../config/config.ts';
import { formatOrigin } from '../config/problem.ts';
import type { Destination } from '../protocol/address.ts';
import { guard, isLocalClient } from './guard.ts';
import { ANONYMOUS, type Identity } from './identity.ts';
import { sectionFor, type Rulebook } from './sections.ts';

/** What decisions are made from. */
export interface Policy extends Rulebook {
  /** Whether clients can log in: a source of users is configured, be it empty. */
  readonly hasUsers: boolean;
  /** Whether clients may come in without a login although there are users. */
  readonly anonymous: boolean;
  /** The addresses of this host's interfaces, which change while it runs. */
  readonly hostAddresses: () => ReadonlySet<Ip>;
}

/** A request that the rules are asked about. */
export interface Asking {
  readonly identity: Identity;
  readonly client: Ip;
  readonly command: Exclude<RequestCommand, 'all'>;
  /** As the client wrote it. */
  readonly destination: Destination;
}

/** `rule` says for the log which rule decided and where it stands; undefined where no rule did. */
export type Ruling =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'deny'; readonly code: FaultCode; readonly rule: string | undefined };

const ALLOW: Ruling = { verdict: 'allow' };

/**
 * Whether to talk to a client at all, at accept: CLIENT_DENIED by the global network rules, or CLIENT_NOT_LOCAL where
 * nothing is configured that would keep strangers out.
 */
export function admitClient(policy: Policy, client: Ip): Ruling {
  if (policy.rules.network.length > 0) return admitByNetwork(policy.rules, client);
  return policy.hasUsers ? ALLOW : admitIdentity(policy, ANONYMOUS, client);
}

/**
 * Whether an identity may come from where it comes, after the login: CLIENT_DENIED by the network rules of its section,
 * or CLIENT_NOT_LOCAL for a stranger who needs no login and about whom no rule says anything.
 */
export function admitIdentity(policy: Policy, identity: Identity, client: Ip): Ruling {
  const section = sectionFor(policy, identity, 'network');
  if (section.network.length > 0) return admitByNetwork(section, client);
  if (identity.kind === 'user' || isLocalClient(client, policy.hostAddresses())) return ALLOW;
  return deny('CLIENT_NOT_LOCAL');
}

/**
 * Whether a request may go to `ip`, an address of its destination that is about to be dialled: REQUEST_DENIED by the request rules of the
 * identity's section, or GUARD_DENIED. A rule that allows the destination by its address stands above the guard.
 */
export function admitRequest(policy: Policy, { identity, client, command }: Asking, ip: Ip): Ruling {
  const section = sectionFor(policy, identity, 'request');
  const rules = section.request.filter((rule) => rule.command === 'all' || rule.command === command);
  const rule = firstMatch(rules, ip);
  if (rule === undefined && section.request.length > 0) {
    return deny('REQUEST_DENIED', `no request rule of ${nameOf(section)} matches`);
  }
  if (rule?.verdict === 'deny') return deny('REQUEST_DENIED', cite(rule));
  // `*` names no place: it does not say that somebody meant the guarded ones.
  if (rule?.cidr !== undefined) return ALLOW;
  return guard(client, ip, policy.hostAddresses()) === 'allow' ? ALLOW : deny('GUARD_DENIED');
}

function admitByNetwork(section: Section, client: Ip): Ruling {
  const rule = firstMatch(section.network, client);
  if (rule === undefined) return deny('CLIENT_DENIED', `no network rule of ${nameOf(section)} matches`);
  return rule.verdict === 'allow' ? ALLOW : deny('CLIENT_DENIED', cite(rule));
}

function firstMatch<Rule extends NetworkRule>(rules: readonly Rule[], ip: Ip): Rule | undefined {
  if (rules.length === 0) return undefined;
  const bytes = ipToBytes(unmapIp(ip));
  return rules.find((rule) => rule.cidr === undefined || bytesInCidr(rule.cidr, bytes));
}

function deny(code: FaultCode, rule?: string): Ruling {
  return { verdict: 'deny', code, rule };
}

function nameOf(section: Section): string {
  return section.name === '' ? 'the global section' : `[${section.name}]`;
}

function cite(rule: NetworkRule): string {
  return `${rule.text} (${formatOrigin(rule.origin)})`;
}
