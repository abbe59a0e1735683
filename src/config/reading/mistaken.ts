// Guesses the meaning of a line that is no setting: one without its "=", one of the command line, one of another program, or the
// header of a section with a word too many.
import { impliedBy, type Option } from '../options/option.ts';
import { quote } from '../values/parsed.ts';
import { didYouMean, suggest } from '../values/suggest.ts';
import { isKeyword } from './dantekeywords.ts';

/** A line as it was split at its first "="; `value` is undefined where there is none. */
interface SplitLine {
  readonly keyword: string;
  readonly value: string | undefined;
}

/** A word, another sign than "=", and the rest without a comment. */
const WITHOUT_SIGN =
  /^"?([\w.-]+?)"?(?:\s*:\s+|:|\s*[\u2013\u2014]\s*|\s+(?:->?\s+)?)(\S.*?)(?:\s[#;].*|;)?$/su;

/** Why a line with an unknown key is none; `known` are the options of its place, by key. */
export function whyUnknown(line: SplitLine, known: ReadonlyMap<string, Option>): string {
  const keys = [...known.keys()];
  const { keyword, value } = line;
  const text = value === undefined ? keyword : `${keyword} = ${value}`;
  if (keyword.startsWith('-')) return whyArgument(line, text, known);
  const nearest = suggest(keyword, keys);
  const [, word = '', rest = ''] = WITHOUT_SIGN.exec(keyword) ?? [];
  const first = word === '' ? undefined : suggest(word, keys);
  if (isOfDante(keyword, first))
    return `${quote(text)} is a line of Dante; "picosocks5 --convert danted FILE" reads its files`;
  if (value !== undefined) return `unknown key ${quote(keyword)}${didYouMean(keyword, keys)}`;
  // A line that begins with a known key is taken for that key, however close another key is to the whole line.
  if (first !== undefined) return `${quote(text)} has no "="; did you mean ${quote(`${first} = ${rest}`)}?`;
  return `unknown key ${quote(keyword)}${nearest === undefined ? '; a line is KEY = VALUE' : didYouMean(keyword, keys)}`;
}

/** The doubt about a header with an unlikely group name; undefined when it may be meant. */
export function doubtOfSection(name: string): string | undefined {
  const [, word = '', separator = '', rest = ''] = /^(\w+)(\s*[:=]\s*|\s+)(\S.*)$/s.exec(name) ?? [];
  if (rest === '' || (word.toLowerCase() === 'user' && separator.trim() === '')) return undefined;
  const meant = suggest(word, ['user', 'group', 'users']);
  if (meant === undefined) return undefined;
  const header = meant === 'group' ? `[${rest}]` : `[user ${rest}]`;
  return `[${name}] is about a group called ${quote(name)}; did you mean ${header}?`;
}

/** `--user nobody`, `-u nobody`, `--user=nobody`, `--nofork`. */
function whyArgument(
  { keyword, value }: SplitLine,
  text: string,
  known: ReadonlyMap<string, Option>,
): string {
  const why = `${quote(text)} is for the command line`;
  const [, long, short, rest = ''] = /^(?:--([\w-]+)|-(\w))\s*(.*)$/s.exec(keyword) ?? [];
  const option = [...known.values()].find((each) =>
    long === undefined ? each.short === short : each.keyword === long,
  );
  const key = option?.keyword ?? (long === undefined ? undefined : suggest(long, [...known.keys()]));
  const given = [rest, value].filter((part) => part !== undefined && part !== '').join(' = ');
  if (key === undefined || / -/.test(given)) return `${why}; here each setting is a line KEY = VALUE`;
  if (given === '' && option !== undefined && impliedBy(option) === undefined)
    return `${why}; did you mean ${quote(`${key} = ...`)}?`;
  return `${why}; did you mean ${quote(`${key} = ${given === '' ? 'yes' : given}`)}?`;
}

const OF_DANTE = /^(?:(?:client|socks|hostid) )?(?:pass|block)\b|^(?:route|monitor)\s*\{|^[{}]/;

function isOfDante(keyword: string, ours: string | undefined): boolean {
  const [, word = ''] = /^([\w.]+):/.exec(keyword) ?? [];
  return OF_DANTE.test(keyword) || (isKeyword(word.toLowerCase()) && ours === undefined);
}
