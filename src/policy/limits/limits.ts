// The limits of one snapshot, ready to be looked up: what holds for whom, and which line says so.
import type { LimitKey, LimitRule, LimitScope } from '../../config/model/limit.ts';
import { formatLimit, formatScope, LIMIT_KEYS } from '../../config/rules/limitrules.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import type { Party } from '../facts/fact.ts';

/** `value` is above 0; `text` is for logs: `user:alice sessions=10 (picosocks5.conf:3)`. */
export interface Limit {
  readonly value: number;
  readonly text: string;
}

/** undefined: no limit. */
export type Limits = Readonly<Record<LimitKey, Limit | undefined>>;

/** Limits of one scope: of the named parties, and of each other one. */
interface ScopeLimits {
  readonly each: Limits;
  readonly named: ReadonlyMap<string, Limits>;
}

/** Limits that are checked while sessions run. */
interface Watch {
  /** Bytes per second. */
  readonly rates: boolean;
  /** Bytes of a day or month, or the time of a session. */
  readonly amounts: boolean;
  /** Bytes of a day or month. */
  readonly quotas: boolean;
}

export interface LimitTable extends Readonly<Record<LimitScope, ScopeLimits>> {
  readonly watch: Watch;
}

/** Later lines win over earlier ones, and a line with a name over all without. */
export function compileLimits(rules: readonly LimitRule[]): LimitTable {
  const scopes = {
    total: compileScope(rules, 'total'),
    client: compileScope(rules, 'client'),
    user: compileScope(rules, 'user'),
    group: compileScope(rules, 'group'),
  };
  const has = (...keys: readonly LimitKey[]): boolean =>
    Object.values(scopes).some(({ each, named }) =>
      [each, ...named.values()].some((limits) => keys.some((key) => limits[key] !== undefined)),
    );
  const quotas = has('day', 'month');
  return { ...scopes, watch: { rates: has('up', 'down'), amounts: quotas || has('duration'), quotas } };
}

export function limitsOf(table: LimitTable, { scope, name }: Party): Limits {
  const { each, named } = table[scope];
  return named.size === 0 ? each : (named.get(name) ?? each);
}

function compileScope(rules: readonly LimitRule[], scope: LimitScope): ScopeLimits {
  const own = rules.filter((rule) => rule.scope === scope);
  const general = own.filter(({ name }) => name === undefined);
  const names = new Set(own.flatMap(({ name }) => name ?? []));
  const named = [...names].map((name) => {
    const special = own.filter((rule) => rule.name === name);
    return [name, mergeLimits([...general, ...special])] as const;
  });
  return { each: mergeLimits(general), named: new Map(named) };
}

/** All keys are there, set or not, so that every value of this type has the same form. */
function mergeLimits(rules: readonly LimitRule[]): Limits {
  const limits = LIMIT_KEYS.map((key) => {
    const rule = rules.findLast(({ values }) => values[key] !== undefined);
    return [key, rule && limitOf(rule, key)] as const;
  });
  // LIMIT_KEYS names each key once.
  return Object.fromEntries(limits) as Limits;
}

function limitOf({ scope, name, values, origin }: LimitRule, key: LimitKey): Limit | undefined {
  const amount = values[key] ?? 0;
  if (amount === 0) return undefined;
  return {
    value: amount,
    text: `${formatScope(scope, name)} ${formatLimit(key, amount)} (${formatOrigin(origin)})`,
  };
}
