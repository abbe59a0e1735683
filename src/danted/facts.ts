// Settings of a sockd.conf on which its rules depend: methods, addresses, families.
import { parseIp, type Ip } from '../base/ip.ts';
import { commandsOf, type DanteCommand } from './commands.ts';
import { familiesOfHosts, parseDanteTarget, type DanteHost } from './place.ts';
import { verdictOf, type DanteRule } from './rule.ts';
import type { DanteField, Statement } from './statements.ts';

/** A method that both programs have: no login, or user and password. */
export type DanteMethod = 'none' | 'username';

export interface DanteFacts {
  readonly host: DanteHost;
  /** The methods of `socksmethod` that can be converted. */
  readonly methods: ReadonlySet<DanteMethod>;
  /** Hosts of `internal` as written. */
  readonly internal: readonly string[];
  /** Hosts of `external` as written, in order. */
  readonly external: readonly string[];
  readonly rotation: string;
  /** The only family of `external.protocol`; undefined: both. */
  readonly externalFamily: 4 | 6 | undefined;
  /** All source addresses of connections; undefined when unknown. */
  readonly departures: readonly Ip[] | undefined;
  /** The only family of `internal.protocol`; undefined: both. */
  readonly internalFamily: 4 | 6 | undefined;
  /** The only family of clients at the hosts of `internal`, whatever its protocol; undefined: there may be both. */
  readonly clientFamily: 4 | 6 | undefined;
  /** The only family over which destinations are reached. */
  readonly targetFamily: 4 | 6 | undefined;
  /** Whether a rule about requests names addresses: it sees those of a name only where that is looked up here. */
  readonly rulesNameAddresses: boolean;
  /** Commands that some rule passes. */
  readonly passed: ReadonlySet<DanteCommand>;
  /** The rules about requests and answers, in order. */
  readonly socksRules: readonly DanteRule[];
  /** The line of the first rule that blocks some addresses of requests that a later one passes; undefined when there is none. */
  readonly firstFence: number | undefined;
  /** `checked` with `srchost: checkreplyauth`; otherwise the rules do not ask who an answer is for by user and method. */
  readonly replies: 'checked' | 'unchecked';
}

export function gatherFacts(statements: readonly Statement[], host: DanteHost): DanteFacts {
  const fields = statements.flatMap((each) => (each.kind === 'setting' ? [each.field] : []));
  const rules = statements.filter((each) => each.kind === 'block').filter(({ head }) => isSocksRule(head));
  const internal = hostsOf(fields, 'internal');
  const external = hostsOf(fields, 'external');
  const rotation = valuesOf(fields, 'external.rotation')[0] ?? 'none';
  const clientFamily = onlyFamily(internal, [], host);
  const protocols = valuesOf(fields, 'external.protocol');
  const targetFamily =
    external.length > 0 && rotation === 'same-same' ? clientFamily : onlyFamily(external, protocols, host);
  return {
    host,
    methods: methodsIn(lastOf(fields, SOCKS_METHOD)?.values ?? []),
    internal,
    internalFamily: protocolFamily(valuesOf(fields, 'internal.protocol')),
    external,
    rotation,
    externalFamily: protocolFamily(protocols),
    clientFamily,
    targetFamily,
    rulesNameAddresses: rules.some(({ fields: inside }) =>
      inside.some((field) => isAddress(field, host, targetFamily)),
    ),
    departures: rotation === 'none' ? departuresOf(external, host) : undefined,
    passed: new Set(
      rules.filter(({ head }) => head.endsWith('pass')).flatMap((rule) => [...commandsOf(rule.fields)]),
    ),
    socksRules: rules.map(ruleOf),
    firstFence: firstFence(rules.map(ruleOf), host, targetFamily),
    replies: valuesOf(fields, 'srchost').some((word) => /^checkreplyauth$/i.test(word))
      ? 'checked'
      : 'unchecked',
  };
}

/** A block of `pass` or `block` as a rule. */
export function ruleOf({ line, head, fields }: Extract<Statement, { kind: 'block' }>): DanteRule {
  return { line, verdict: verdictOf(head, fields), fields };
}

/** Keys of the list of methods; `method` is that of Dante before 1.4. */
export const SOCKS_METHOD: readonly string[] = ['socksmethod', 'method'];

export function methodsIn(words: readonly string[]): ReadonlySet<DanteMethod> {
  const known: readonly DanteMethod[] = ['none', 'username'];
  return new Set(known.filter((method) => words.some((word) => word.toLowerCase() === method)));
}

/** `socks pass`, or `pass` as in Dante before 1.4. */
export function isSocksRule(head: string): boolean {
  return /^(?:socks )?(?:pass|block)$/.test(head);
}

function firstFence(
  rules: readonly DanteRule[],
  host: DanteHost,
  targetFamily: DanteFacts['targetFamily'],
): number | undefined {
  const leadsOut = ({ fields }: DanteRule): boolean => {
    const commands = commandsOf(fields);
    return commands.has('connect') || commands.has('udpassociate');
  };
  const lastPass = rules.findLastIndex((rule) => rule.verdict === 'pass' && leadsOut(rule));
  return rules
    .slice(0, Math.max(0, lastPass))
    .find(
      (rule) =>
        rule.verdict === 'block' &&
        leadsOut(rule) &&
        rule.fields.some((field) => mayHoldOne(field, host, targetFamily)),
    )?.line;
}

/** Whether a name may have one address there and another one elsewhere; Dante looks at those that it does not connect to as well. */
function mayHoldOne(
  { key, values }: DanteField,
  host: DanteHost,
  targetFamily: DanteFacts['targetFamily'],
): boolean {
  if (key !== 'to') return false;
  const target = parseDanteTarget(values, host);
  if (target.kind === 'wrong') return false;
  const { place } = target.value;
  return place.kind === 'blocks' || (place.kind === 'family' && place.family !== targetFamily);
}

function lastOf(fields: readonly DanteField[], keys: readonly string[]): DanteField | undefined {
  return fields.findLast(({ key }) => keys.includes(key));
}

function valuesOf(fields: readonly DanteField[], key: string): readonly string[] {
  return fields.filter((field) => field.key === key).flatMap(({ values }) => values);
}

function hostsOf(fields: readonly DanteField[], key: string): readonly string[] {
  return fields.filter((field) => field.key === key).flatMap(({ values }) => values.slice(0, 1));
}

function departuresOf(external: readonly string[], { interfaces }: DanteHost): readonly Ip[] | undefined {
  const found = external.map((text) => {
    const ip = parseIp(text);
    return ip === undefined ? interfaces.get(text) : [ip];
  });
  return found.length === 0 || found.includes(undefined) ? undefined : found.flatMap((ips) => ips ?? []);
}

function onlyFamily(
  hosts: readonly string[],
  protocols: readonly string[],
  host: DanteHost,
): 4 | 6 | undefined {
  const wanted = protocolFamily(protocols);
  const families = [...familiesOfHosts(hosts, host)].filter(
    (family) => wanted === undefined || wanted === family,
  );
  return families.length > 0 && new Set(families).size === 1 ? families[0] : undefined;
}

function protocolFamily(protocols: readonly string[]): 4 | 6 | undefined {
  if (protocols.length === 0 || new Set(protocols).size > 1) return undefined;
  return protocols[0] === 'ipv4' ? 4 : protocols[0] === 'ipv6' ? 6 : undefined;
}

/** Whether the field may hold addresses: an unreadable place may be one, and so may one of the only family. */
function isAddress(field: DanteField, host: DanteHost, targetFamily: DanteFacts['targetFamily']): boolean {
  const isUnread = field.key === 'to' && parseDanteTarget(field.values, host).kind === 'wrong';
  return isUnread || isReadAddress(field, host, targetFamily);
}

function isReadAddress(
  { key, values }: DanteField,
  host: DanteHost,
  targetFamily: DanteFacts['targetFamily'],
): boolean {
  if (key !== 'to') return false;
  const target = parseDanteTarget(values, host);
  if (target.kind === 'wrong') return false;
  const { kind } = target.value.place;
  return kind === 'blocks' || (kind === 'family' && targetFamily === undefined);
}
