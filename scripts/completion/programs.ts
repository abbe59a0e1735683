// The command lines of the three programs as shells need to know them, out of the tables that the programs read.
import { withoutMarks } from '../../src/config/documents/prose.ts';
import { impliedBy, metavarOf, type Option } from '../../src/config/options/option.ts';
import { OPTIONS } from '../../src/config/options/options.ts';
import { LOG_LEVELS, SORT_KEYS } from '../../src/control/controlmessage.ts';
import { OPTIONS as CTL_OPTIONS } from '../../src/pis5ctl/commandline.ts';
import { OPERATIONS } from '../../src/pis5ctl/operations.ts';
import { COMMANDS, METHODS, OPTIONS as USER_OPTIONS } from '../../src/pis5user/commandline.ts';

/** The value of an option. */
export type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'file' | 'folder' | 'user' | 'group' | 'anything' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface Flag {
  /** Without its dashes. */
  readonly long: string;
  readonly short: string | undefined;
  /** One sentence; '' where none is known. */
  readonly text: string;
  readonly value: Value;
  /** `optional`: a value stands behind `=`, or there is none. */
  readonly need: 'required' | 'optional';
}

export interface Program {
  readonly name: string;
  readonly flags: readonly Flag[];
  /** The first operand is one of these, and has words of its own behind it; none: operands are free. */
  readonly operations: ReadonlyMap<string, Value>;
}

function flagOf(option: Option): Flag {
  const isOptional = impliedBy(option) !== undefined;
  return {
    long: option.keyword,
    short: option.short,
    text: withoutMarks(option.summary),
    value: metavarOf(option) === undefined ? { kind: 'none' } : valueOf(option),
    need: isOptional ? 'optional' : 'required',
  };
}

const BY_METAVAR: Readonly<Record<string, Value>> = {
  FILE: { kind: 'file' },
  PATH: { kind: 'file' },
  '[FORMAT:]FILE': { kind: 'file' },
  DIR: { kind: 'folder' },
  USER: { kind: 'user' },
  GROUP: { kind: 'group' },
};

function valueOf(option: Option): Value {
  if (option.kind === 'dropin')
    return { kind: 'words', words: ['microsocks', 'osocks', 'simplesocks5', 'srelay'] };
  if (option.keyword === 'convert') return { kind: 'words', words: ['danted'] };
  if ('words' in option && option.words !== undefined) return { kind: 'words', words: option.words };
  return BY_METAVAR[metavarOf(option) ?? ''] ?? { kind: 'anything' };
}

/** An option of a program that reads its command line by parseArgs(). */
function plainFlag(
  long: string,
  row: { readonly type: 'string' | 'boolean'; readonly short?: string },
): Flag {
  const value: Value =
    row.type === 'boolean' ? { kind: 'none' } : (PLAIN_VALUES[long] ?? { kind: 'anything' });
  return { long, short: row.short, text: '', value, need: 'required' };
}

const PLAIN_VALUES: Readonly<Record<string, Value>> = {
  control: { kind: 'file' },
  sort: { kind: 'words', words: SORT_KEYS },
  method: { kind: 'words', words: METHODS },
};

function behindOperation(name: string): Value {
  return name === 'loglevel' ? { kind: 'words', words: LOG_LEVELS } : { kind: 'none' };
}

export const PROGRAMS: readonly Program[] = [
  {
    name: 'picosocks5',
    flags: OPTIONS.filter(({ kind }) => kind !== 'base').map(flagOf),
    operations: new Map([['healthcheck', { kind: 'none' }]]),
  },
  {
    name: 'pis5ctl',
    flags: Object.entries(CTL_OPTIONS).map(([long, row]) => plainFlag(long, row)),
    operations: new Map([...OPERATIONS.keys()].map((name) => [name, behindOperation(name)])),
  },
  {
    name: 'pis5user',
    flags: Object.entries(USER_OPTIONS).map(([long, row]) => plainFlag(long, row)),
    operations: new Map(Object.keys(COMMANDS).map((name) => [name, { kind: 'file' }])),
  },
];
