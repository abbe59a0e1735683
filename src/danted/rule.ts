// Parts common to all rules of a sockd.conf: conditions, and actions beside passing.
import { quote, type Parsed } from '../config/values/parsed.ts';
import { left, note, setting, type Piece } from './piece.ts';
import type { DanteField } from './statements.ts';

export interface DanteRule {
  readonly line: number;
  readonly verdict: 'pass' | 'block';
  readonly fields: readonly DanteField[];
}

/** Keys of actions, not conditions: the rule holds without them. */
const ACTION =
  /^(?:log|bandwidth|session\..+|timeout\..+|udp\.portrange|(?:in|ex)ternal\..+|(?:pam|gssapi|bsdauth)\..+|clientcompatibility)$/;

export function isAction({ key }: DanteField): boolean {
  return ACTION.test(key);
}

/** Keys that say when a rule holds: where they do not fit, Dante asks the next rule. */
const CONDITIONS = [
  ...['from', 'to', 'command', 'protocol', 'proxyprotocol', 'user', 'group'],
  ...['method', 'socksmethod', 'clientmethod', 'hostid', 'hostindex'],
];

/**
 * The verdict of a block of `pass` or `block`. Under a rule that passes, `libwrap` may still turn away and `redirect` leads elsewhere,
 * and no later rule is asked: to leave such a rule out would leave these requests to the later ones.
 */
export function verdictOf(head: string, fields: readonly DanteField[]): DanteRule['verdict'] {
  const isPlain = fields.every((field) => CONDITIONS.includes(field.key) || isAction(field));
  return head.endsWith('pass') && isPlain ? 'pass' : 'block';
}

/** Converts an action of a rule; only a rule about every client and request can limit all. */
export function convertAction(field: DanteField, about: 'all' | 'others'): readonly Piece[] {
  const { key, line, values } = field;
  if (key === 'log') return whyNotLogged(field);
  const limit = LIMITS.get(key)?.(values.join(''));
  if (key === 'session.state.key' && values[0] === 'from') return [];
  if (key === 'session.inheritable') return [];
  if (limit === undefined) return [left(line, key, 'a rule can only let pass or not')];
  return about === 'all'
    ? [setting(line, 'limit', limit), ...(isSlow(field) ? [left(line, key, MORE_THAN_THAT)] : [])]
    : [left(line, key, 'limits are for all, for each client, for users and for groups, not for a rule')];
}

function whyNotLogged({ line, values }: DanteField): readonly Piece[] {
  const more = values.filter((word) => !/^(?:connect|disconnect|error)$/.test(word));
  return more.map((word) => left(line, `log ${word}`, 'one record for each session is what is logged'));
}

/** Less than one in each second. */
function isSlow({ key, values }: DanteField): boolean {
  const [count = 0, seconds = 0] = values.join('').split('/').map(Number);
  return key.endsWith('throttle') && count < seconds;
}

const MORE_THAN_THAT = 'the lowest rate here is one in each second, which is more than Dante lets in';

/** Texts of `limit`; undefined where the value is none. */
const LIMITS: ReadonlyMap<string, (text: string) => string | undefined> = new Map([
  ['bandwidth', (text: string) => (isCount(text) ? `total up=${text} down=${text}` : undefined)],
  ['session.max', (text: string) => (isCount(text) ? `total sessions=${text}` : undefined)],
  ['session.state.max', (text: string) => (isCount(text) ? `client sessions=${text}` : undefined)],
  ['session.throttle', (text: string) => readRate('total', text)],
  ['session.state.throttle', (text: string) => readRate('client', text)],
]);

function isCount(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

/** `CONNECTIONS/SECONDS`; a rate is a whole number for each second. */
function readRate(scope: string, text: string): string | undefined {
  const [, count, seconds] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (count === undefined || Number(seconds) === 0) return undefined;
  return `${scope} rate=${Math.max(1, Math.floor(Number(count) / Number(seconds)))}`;
}

/**
 * The pieces of a rule: what cannot be asked for makes a rule that passes vanish and a rule that blocks block more, so
 * that nothing gets through that Dante stops.
 */
export function settle(
  rule: DanteRule,
  obstacles: readonly Piece[],
  carried: readonly Piece[],
): readonly Piece[] {
  if (obstacles.length === 0) return carried;
  if (rule.verdict === 'block') {
    return [...obstacles, note(rule.line, 'so this rule blocks more here than in Dante'), ...carried];
  }
  return [...obstacles, note(rule.line, 'so this rule passes nothing here')];
}

/** Why one field of a rule cannot be converted; undefined when it can, or is handled elsewhere. */
export function obstacleOf(field: DanteField, known: readonly string[]): Piece | undefined {
  const { key, line, values } = field;
  if (known.includes(key) || isAction(field)) return undefined;
  return left(line, key, `a rule cannot ask for ${quote(values.join(' '))}`);
}

/** The obstacle of `clientmethod`: only `none` is supported. */
export function obstacleOfClientMethod({ line, key, values }: DanteField): Piece | undefined {
  return values.every((word) => word === 'none')
    ? undefined
    : left(line, key, 'clients are known by their address, and by login only');
}

/** Why the value of `field` could not be read; none where it could. */
export function whyUnread(field: DanteField | undefined, parsed: Parsed<unknown>): readonly Piece[] {
  return field !== undefined && parsed.kind === 'wrong' ? [left(field.line, field.key, parsed.why)] : [];
}

export function fieldOf({ fields }: DanteRule, ...keys: readonly string[]): DanteField | undefined {
  return fields.find(({ key }) => keys.includes(key));
}
