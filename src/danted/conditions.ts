// Conditions on users and groups of a request rule, as conditions of ours.
import { quote } from '../config/values/parsed.ts';
import { areCommandsKnown } from './commands.ts';
import { methodsIn, SOCKS_METHOD, type DanteFacts } from './facts.ts';
import { left, type Piece } from './piece.ts';
import { obstacleOf, obstacleOfClientMethod } from './rule.ts';
import type { DanteField } from './statements.ts';

/** One field as words of ours, or why there are none. */
export interface Condition {
  readonly words: readonly string[];
  readonly obstacle: Piece | undefined;
}

/** Reads a field of a rule; places, commands and actions are looked at elsewhere. */
export function readCondition(field: DanteField, facts: DanteFacts): Condition {
  const { key } = field;
  if (key === 'user') return readNames(field);
  if (key === 'group') return { words: [], obstacle: left(field.line, key, NO_GROUPS) };
  if (SOCKS_METHOD.includes(key)) return readMethods(field, facts);
  if (!areCommandsKnown(field)) return { words: [], obstacle: obstacleOf(field, []) };
  if (key === 'clientmethod') return { words: [], obstacle: obstacleOfClientMethod(field) };
  if (key === 'proxyprotocol' && takesEveryVersion(field, facts)) return SAYS_NOTHING;
  return { words: [], obstacle: obstacleOf(field, ['from', 'to', 'command', 'protocol']) };
}

/** Whether a `proxyprotocol` holds for every client: when all have to log in, none can use SOCKS4. */
export function takesEveryVersion({ values }: DanteField, { methods }: DanteFacts): boolean {
  return values.includes('socks_v5') && (values.includes('socks_v4') || !methods.has('none'));
}

const NO_GROUPS = 'accounts of this host have no groups here; users of a file may have one each';
const SAYS_NOTHING: Condition = { words: [], obstacle: undefined };

/** Commas and blanks end a word of ours, and `*` stands for any text. */
function readNames({ key, line, values }: DanteField): Condition {
  const strange = values.length === 0 ? '' : values.find((name) => /[\s,*]/.test(name));
  return strange === undefined
    ? { words: values.map((name) => `${key}=${name}`), obstacle: undefined }
    : { words: [], obstacle: left(line, key, `${quote(strange)} cannot stand in a rule`) };
}

function readMethods({ key, line, values }: DanteField, { methods }: DanteFacts): Condition {
  const wanted = [...methods].filter((method) => methodsIn(values).has(method));
  if (wanted.length === methods.size && wanted.length > 0) return SAYS_NOTHING;
  if (wanted.length === 1 && wanted[0] === 'username') return { words: ['user=*'], obstacle: undefined };
  return { words: [], obstacle: left(line, key, `a rule cannot ask for ${quote(values.join(' '))}`) };
}
