// The values of `limit`: `client sessions=64 rate=20`, `user:alice day=10G`.
import type { LimitKey, LimitRule, LimitScope } from '../model/limit.ts';
import { COUNT, DURATION, SIZE, type Kind, type Reading } from '../values/kinds.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../values/parsed.ts';
import { didYouMean } from '../values/suggest.ts';

const SCOPES: readonly LimitScope[] = ['total', 'client', 'user', 'group'];

/** How the value of each is read and written. */
const KINDS: Readonly<Record<LimitKey, Kind<number>>> = {
  sessions: COUNT,
  rate: COUNT,
  handshakes: COUNT,
  up: SIZE,
  down: SIZE,
  day: SIZE,
  month: SIZE,
  duration: DURATION,
};

/** The limits, in the order in which they are written. */
export const LIMIT_KEYS = Object.keys(KINDS) as readonly LimitKey[];

export const LIMIT_RULE: Kind<LimitRule> = {
  metavar: 'SCOPE[:NAME] WHAT=VALUE...',
  parse(text, reading) {
    const [head = '', ...words] = text.split(/\s+/);
    const scope = parseScope(head);
    if (scope.kind === 'wrong') return scope;
    if (words.length === 0) {
      return wrong(
        `${quote(head)} alone limits nothing; write WHAT=VALUE after it, as in "${head} sessions=10"`,
      );
    }
    const values = parseValues(words, scope.value.scope, reading);
    return values.kind === 'wrong'
      ? values
      : value({ ...scope.value, values: values.value, origin: reading.origin });
  },
  format({ scope, name, values }) {
    const words = LIMIT_KEYS.flatMap((key) => {
      const set = values[key];
      return set === undefined ? [] : [formatLimit(key, set)];
    });
    return [formatScope(scope, name), ...words].join(' ');
  },
};

/** `client`, or `user:alice` with a name. */
export function formatScope(scope: LimitScope, name: string | undefined): string {
  return name === undefined ? scope : `${scope}:${name}`;
}

/** `day=10G`. */
export function formatLimit(key: LimitKey, amount: number): string {
  return `${key}=${KINDS[key].format(amount)}`;
}

function parseScope(head: string): Parsed<Pick<LimitRule, 'scope' | 'name'>> {
  const colon = head.indexOf(':');
  const word = colon < 0 ? head : head.slice(0, colon);
  const name = colon < 0 ? undefined : head.slice(colon + 1);
  const scope = SCOPES.find((known) => known === word);
  if (scope === undefined) {
    const forms = 'total, client, user[:NAME] or group[:NAME]';
    return wrong(`${quote(word)} is nobody to limit; begin with ${forms}${didYouMean(word, SCOPES)}`);
  }
  if (name === undefined) return value({ scope, name });
  if (name === '') return wrong(`${quote(head)} has no name after the colon`);
  return scope === 'user' || scope === 'group'
    ? value({ scope, name })
    : wrong(`${quote(head)}: only user and group take a name; write ${scope} for every one`);
}

function parseValues(
  words: readonly string[],
  scope: LimitScope,
  reading: Reading,
): Parsed<LimitRule['values']> {
  const values: Partial<Record<LimitKey, number>> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = LIMIT_KEYS.find((known) => known === (equals < 0 ? word : word.slice(0, equals)));
    if (equals < 0 || key === undefined) return wrong(unknownLimit(word));
    if (values[key] !== undefined) return wrong(`${key} stands twice; write it once`);
    if (key === 'handshakes' && (scope === 'user' || scope === 'group')) {
      return wrong(`handshakes is for total and client: before its end nobody knows whose ${scope} it is`);
    }
    const parsed = KINDS[key].parse(word.slice(equals + 1), reading);
    if (parsed.kind === 'wrong') return wrong(`${key}: ${parsed.why}`);
    values[key] = parsed.value;
  }
  return value(values);
}

function unknownLimit(word: string): string {
  const name = word.split('=', 1)[0] ?? '';
  const known = LIMIT_KEYS.find((key) => key === name);
  if (known !== undefined) return `${quote(word)} has no value; write ${known}=VALUE`;
  return `${quote(word)} is no limit; write ${oneOf(LIMIT_KEYS)}, each with =VALUE${didYouMean(name, LIMIT_KEYS)}`;
}
