// Environment variables as settings: PICOSOCKS5_MAXCONN is the option maxconn. Containers are configured by them.
import type { Origin, Problem } from '../model/config.ts';
import type { Option } from '../options/option.ts';
import { OPTIONS } from '../options/options.ts';
import type { Setting } from '../options/setting.ts';
import { warning } from '../values/problem.ts';
import { suggest } from '../values/suggest.ts';

export interface Environment {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

export const NO_ENVIRONMENT: Environment = { settings: [], problems: [] };

const PREFIX = 'PICOSOCKS5_';

/** Variables of the build and of the tests. */
const NOT_OURS = /^(?:ENGINE|PREBUILD|TEST_.*)$/;

/**
 * Reads `variables`, in the order of the option table; relative file names start at `folder`. An empty one says nothing,
 * and one that is no option is a warning: container engines set such ones by themselves.
 */
export function environmentSettings(
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): Environment {
  const written = new Map(Object.entries(variables).flatMap(([name, text]) => ownVariable(name, text)));
  const settings = [...BY_VARIABLE].flatMap(([name, option]) => {
    const text = written.get(name);
    return text === undefined ? [] : settingsOfVariable(PREFIX + name, option, text, folder);
  });
  const unknown = [...written.keys()].filter((name) => !BY_VARIABLE.has(name) && !NOT_OURS.test(name));
  return { settings, problems: unknown.map(noOption) };
}

/** Options that a variable can set, by the name after the prefix. */
const BY_VARIABLE: ReadonlyMap<string, Option> = new Map(
  OPTIONS.filter(({ kind }) => kind !== 'base' && kind !== 'action' && kind !== 'dropin').map((option) => [
    suffixOf(option.keyword),
    option,
  ]),
);

function suffixOf(keyword: string): string {
  return keyword.toUpperCase().replaceAll('-', '_');
}

function ownVariable(name: string, text = ''): readonly (readonly [string, string])[] {
  const isOurs = name.startsWith(PREFIX) && text.trim() !== '';
  return isOurs ? [[name.slice(PREFIX.length), text.trim()]] : [];
}

function settingsOfVariable(
  variable: string,
  option: Option,
  text: string,
  folder: string,
): readonly Setting[] {
  const origin: Origin = { variable };
  const texts = isRepeatable(option) ? text.split(/[\n;]/).map((each) => each.trim()) : [text];
  return texts
    .filter((each) => each !== '')
    .map((each) => ({
      kind: 'setting',
      option,
      written: option.keyword,
      text: each,
      section: '',
      origin,
      folder,
    }));
}

function isRepeatable(option: Option): boolean {
  return option.kind === 'include' || ('repeatable' in option && option.repeatable);
}

function noOption(name: string): Problem {
  const known = [...BY_VARIABLE.values()].map(({ keyword }) => keyword);
  const near = suggest(name, known);
  const hint = near === undefined ? '' : `; did you mean "${PREFIX}${suffixOf(near)}"?`;
  return warning({ variable: PREFIX + name }, `stands for no option, and does nothing${hint}`);
}
