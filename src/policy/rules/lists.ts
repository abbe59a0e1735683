// Lists of rules made ready for questions: done once for each snapshot, so that a question allocates nothing.
import type { NetworkRule, Place, PortRange, RequestRule, Section } from '../../config/model/config.ts';
import { spanOf } from '../../config/rules/places.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import type { Asking, AskedCommand } from './asking.ts';
import { compileConditions, conditionsHold, type Circumstances } from './conditions.ts';
import { deny, type Ruling } from './ruling.ts';
import { compileSpan, spanHolds, type Address, type Span } from './span.ts';

interface NetworkMatcher {
  /** undefined: every address. */
  readonly span: Span | undefined;
  readonly ruling: Ruling;
}

export interface NetworkList {
  readonly rules: readonly NetworkMatcher[];
  /** The ruling when no rule matches. */
  readonly otherwise: Ruling;
}

/** `addresses` is the only place that the guard gives way to: who owns a name chooses its addresses. */
export type Goal =
  Exclude<Place, { kind: 'addresses' }> | { readonly kind: 'addresses'; readonly span: Span };

export interface RequestMatcher {
  readonly goal: Goal;
  readonly ports: PortRange | undefined;
  readonly circumstances: Circumstances | undefined;
  readonly ruling: Ruling;
}

export interface RequestList {
  readonly rules: Readonly<Record<AskedCommand, readonly RequestMatcher[]>>;
  readonly otherwise: Ruling;
}

/** undefined when the section has no network rules. */
export function compileNetworkList(section: Section): NetworkList | undefined {
  if (section.network.length === 0) return undefined;
  return {
    rules: section.network.map((rule) => ({
      span: rule.cidr === undefined ? undefined : compileSpan(spanOf(rule.cidr)),
      ruling:
        rule.verdict === 'allow'
          ? { verdict: 'allow', rule: cite(rule, section) }
          : deny('CLIENT_DENIED', cite(rule, section)),
    })),
    otherwise: deny('CLIENT_DENIED', `no network rule of ${titleOf(section)} matches`),
  };
}

/** undefined when the section has no request rules. */
export function compileRequestList(section: Section): RequestList | undefined {
  if (section.request.length === 0) return undefined;
  const rulesOf = (command: AskedCommand): readonly RequestMatcher[] =>
    section.request
      .filter((rule) => rule.command === 'all' || rule.command === command)
      .map((rule) => compileRequest(rule, section));
  return {
    rules: {
      connect: rulesOf('connect'),
      bind: rulesOf('bind'),
      assoc: rulesOf('assoc'),
      resolve: rulesOf('resolve'),
    },
    otherwise: deny('REQUEST_DENIED', `no request rule of ${titleOf(section)} matches`),
  };
}

/** Whether ports and conditions of the rule fit the request, wherever it leads. */
export function ruleApplies(
  { ports, circumstances }: RequestMatcher,
  asking: Asking,
  now: () => Date,
): boolean {
  if (ports !== undefined && !isPort(ports, asking.destination.port)) return false;
  return circumstances === undefined || conditionsHold(circumstances, asking, now);
}

/** Whether the request leads to the place of the rule; a denial also sees the IPv4 addresses that `address` carries. */
export function leadsTo(
  { goal, ruling }: RequestMatcher,
  { destination }: Asking,
  address: Address,
  carried: readonly Address[],
): boolean {
  if (goal.kind !== 'addresses') return isNamed(goal, destination);
  if (spanHolds(goal.span, address)) return true;
  return carried.length > 0 && ruling.verdict === 'deny' && holdsAny(goal.span, carried);
}

/** On its own, so that leadsTo() makes no closure. */
function holdsAny(span: Span, addresses: readonly Address[]): boolean {
  return addresses.some((address) => spanHolds(span, address));
}

/** The same for places that are no addresses. */
export function isNamed(
  goal: Exclude<Goal, { kind: 'addresses' }>,
  destination: Asking['destination'],
): boolean {
  if (goal.kind === 'any') return true;
  if (destination.kind === 'ip') return false;
  const { name } = destination;
  if (goal.kind === 'name') return name === goal.name;
  // The apex is the suffix without its dot.
  return name.length >= goal.suffix.length
    ? name.endsWith(goal.suffix)
    : name.length === goal.suffix.length - 1 && goal.suffix.endsWith(name);
}

function isPort({ low, high }: PortRange, port: number): boolean {
  return low <= port && port <= high;
}

function compileRequest(rule: RequestRule, section: Section): RequestMatcher {
  const { place, ports, conditions } = rule;
  return {
    goal: place.kind === 'addresses' ? { kind: 'addresses', span: compileSpan(place.span) } : place,
    ports,
    circumstances: compileConditions(conditions),
    ruling:
      rule.verdict === 'allow'
        ? { verdict: 'allow', rule: cite(rule, section) }
        : deny('REQUEST_DENIED', cite(rule, section)),
  };
}

function titleOf(section: Section): string {
  return section.name === '' ? 'the global section' : `[${section.name}]`;
}

/** `!connect:192.0.2.0/24 of [staff] (FILE:LINE)`. */
function cite({ text, origin }: NetworkRule | RequestRule, section: Section): string {
  return `${text}${section.name === '' ? '' : ` of [${section.name}]`} (${formatOrigin(origin)})`;
}
