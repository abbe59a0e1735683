// The command line as settings in order of appearance. Operands are listen addresses.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Origin, Problem } from '../model/config.ts';
import { impliedBy, metavarOf, type Option } from '../options/option.ts';
import { BY_ARGUMENT } from '../options/options.ts';
import type { Setting } from '../options/setting.ts';
import { quote } from '../values/parsed.ts';
import { error } from '../values/problem.ts';
import { didYouMean } from '../values/suggest.ts';

/** The action of the daemon. */
export type Action = 'run' | 'help' | 'version' | 'convert' | 'print' | 'explain' | 'check' | 'healthcheck';

export interface Arguments {
  readonly action: Action;
  /** The question of `--explain`, or the file that `--convert` reads. */
  readonly query: string | undefined;
  /** The other program of `--as`, and its command line. */
  readonly dropIn: { readonly name: string; readonly argv: readonly string[] } | undefined;
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

/** Actions by precedence: when several are given, the first in this list is done. */
const PRECEDENCE: readonly Action[] = [
  'help',
  'version',
  'convert',
  'print',
  'explain',
  'check',
  'healthcheck',
];

const COMMAND_LINE: Origin = {};

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];

/** Reads `argv`, the words after the name of the program; relative file names start at `folder`. */
export function parseArguments(argv: readonly string[], folder: string): Arguments {
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  const actions = new Set<Action>();
  const { own, dropIn } = splitForeign(argv);
  const { conversion, others } = splitConversion(own);
  let query = conversion.file;
  let unknownAt = NaN;
  for (const token of others) {
    // A word after an unknown option is more likely its value than an address.
    if (token.kind === 'positional' && token.index === unknownAt + 1) continue;
    const option = optionOf(token);
    if (token.kind === 'option' && option === undefined) unknownAt = token.index;
    const problem = formProblemOf(token, option, dropIn);
    if (problem !== undefined) problems.push(error(COMMAND_LINE, problem));
    if (option?.kind === 'action') {
      actions.add(option.action);
      if (option.action === 'explain' && token.kind === 'option') query = token.value;
    } else if (option !== undefined && option.kind !== 'dropin' && problem === undefined) {
      settings.push(toSetting(token, option, folder));
    }
  }
  problems.push(...checkConversion(conversion, settings));
  const action = PRECEDENCE.find((each) => actions.has(each)) ?? 'run';
  return { action, query, dropIn, settings, problems };
}

/** The setting that `--KEYWORD TEXT` would be; `written` is what the operator wrote instead. */
export function argumentSetting(
  keyword: string,
  text: string,
  { written, folder }: Pick<Setting, 'written' | 'folder'>,
): Setting {
  const option = BY_ARGUMENT.get(keyword);
  if (option === undefined) throw new TypeError(`the option table has no ${keyword}`);
  return { kind: 'setting', option, written, text, section: '', origin: COMMAND_LINE, folder };
}

/** With `--as NAME`, the words after `--` are those of the other program. */
function splitForeign(argv: readonly string[]): {
  readonly own: readonly Token[];
  readonly dropIn: Arguments['dropIn'];
} {
  const tokens = tokensOf(argv[0] === 'healthcheck' ? ['--healthcheck', ...argv.slice(1)] : argv);
  const as = tokens.findLast((token) => token.kind === 'option' && optionOf(token)?.kind === 'dropin');
  const name = as?.kind === 'option' ? as.value : undefined;
  if (name === undefined) return { own: tokens, dropIn: undefined };
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? argv.length;
  return {
    own: tokens.filter(({ index }) => index < end),
    dropIn: { name, argv: argv.slice(end + 1) },
  };
}

/** The format and file of `--convert FORMAT FILE`. */
interface Conversion {
  readonly isAsked: boolean;
  readonly format: string | undefined;
  readonly file: string | undefined;
}

/** The operand after `--convert FORMAT` is the file, not an address. */
function splitConversion(tokens: readonly Token[]): {
  readonly conversion: Conversion;
  readonly others: readonly Token[];
} {
  const token = tokens.findLast((each) => each.kind === 'option' && each.name === 'convert');
  if (token?.kind !== 'option') {
    return { conversion: { isAsked: false, format: undefined, file: undefined }, others: tokens };
  }
  const behind = token.index + (token.inlineValue ? 1 : 2);
  const operand = tokens.find(({ kind, index }) => kind === 'positional' && index === behind);
  const file = operand?.kind === 'positional' ? operand.value : undefined;
  const others = tokens.filter((each) => each !== operand);
  return { conversion: { isAsked: true, format: token.value, file }, others };
}

function checkConversion(
  { isAsked, format = '', file }: Conversion,
  settings: readonly Setting[],
): readonly Problem[] {
  if (!isAsked) return [];
  if (format !== 'danted') {
    const hint = didYouMean(format, ['danted']);
    return [error(COMMAND_LINE, `--convert: ${quote(format)} is not danted${hint}`)];
  }
  if (file === undefined) {
    return [error(COMMAND_LINE, '--convert danted needs a file behind it: --convert danted FILE')];
  }
  return settings.length === 0 ? [] : [error(COMMAND_LINE, '--convert stands alone, with one file')];
}

/** Not strict: strict mode stops at the first problem, and makes no suggestion. */
function tokensOf(argv: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [keyword, option] of BY_ARGUMENT) {
    const type = needsValue(option) ? 'string' : 'boolean';
    options[keyword] = option.short === undefined ? { type } : { type, short: option.short };
  }
  return parseArgs({ args: [...argv], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}

function optionOf(token: Token): Option | undefined {
  switch (token.kind) {
    case 'option':
      return BY_ARGUMENT.get(token.name);
    case 'positional':
      return BY_ARGUMENT.get('listen');
    case 'option-terminator':
      return undefined;
  }
}

function toSetting(token: Token, option: Option, folder: string): Setting {
  const written = token.kind === 'option' ? token.rawName : 'operand';
  const text = token.kind === 'option-terminator' ? undefined : token.value;
  return { kind: 'setting', option, written, text, section: '', origin: COMMAND_LINE, folder };
}

/** The error in the form of the argument; its value is not read here. `dropIn`: the program whose command line ours is. */
function formProblemOf(
  token: Token,
  option: Option | undefined,
  dropIn: Arguments['dropIn'],
): string | undefined {
  const place = dropIn === undefined ? '' : `; what ${dropIn.name} shall read stands behind "--"`;
  if (token.kind === 'positional' && dropIn !== undefined) return `operand ${quote(token.value)}${place}`;
  if (token.kind !== 'option') return undefined;
  if (option === undefined) return whyUnknownOption(token.name, token.rawName) + place;
  if (!needsValue(option)) {
    const isAction = option.kind === 'action';
    return isAction && token.value !== undefined ? `${token.rawName} takes no value` : undefined;
  }
  // A value that looks like an option is more often a value that was forgotten. "-" is one: standard input or output.
  const forgotten = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
  return forgotten
    ? `${token.rawName} needs a value: ${token.rawName} ${metavarOf(option) ?? ''}`
    : undefined;
}

/** Whether a value must follow. An optional value needs `=`, to tell it from an operand. */
function needsValue(option: Option): boolean {
  return metavarOf(option) !== undefined && impliedBy(option) === undefined;
}

function whyUnknownOption(name: string, rawName: string): string {
  const hint = rawName.startsWith('--') ? didYouMean(name, [...BY_ARGUMENT.keys()], '--') : '';
  return `unknown option ${quote(rawName)}${hint}`;
}
