// The INI form of a configuration, line by line: `key = value`, `[section]`, `#` and `;` comments. There are no quotes, no
// escapes and no continued lines: a value is the text between `=` and the end of the line, trimmed of white space, so it may hold
// `#` and `;`. A line may have any length.

export type IniLine =
  /** `value` is undefined where the line has no `=`. */
  | {
      readonly kind: 'setting';
      readonly line: number;
      readonly keyword: string;
      readonly value: string | undefined;
    }
  | { readonly kind: 'section'; readonly line: number; readonly name: string }
  | { readonly kind: 'wrong'; readonly line: number; readonly why: string };

/** The lines of a file that say something, numbered from 1. Never throws. */
export function parseIni(text: string): readonly IniLine[] {
  const lines: IniLine[] = [];
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const content = raw.trim();
    if (content !== '' && !content.startsWith('#') && !content.startsWith(';')) {
      lines.push(parseIniLine(content, at + 1));
    }
  }
  return lines;
}

function parseIniLine(content: string, line: number): IniLine {
  if (content.startsWith('[')) return parseHeader(content, line);
  const equals = content.indexOf('=');
  if (equals < 0) return { kind: 'setting', line, keyword: content, value: undefined };
  const keyword = content.slice(0, equals).trim();
  if (keyword === '') return { kind: 'wrong', line, why: 'no key before "="; write key = value' };
  return { kind: 'setting', line, keyword, value: content.slice(equals + 1).trim() };
}

function parseHeader(content: string, line: number): IniLine {
  const name = /^\[([^[\]]+)\]$/.exec(content)?.[1]?.trim();
  if (name === undefined || name === '') {
    return {
      kind: 'wrong',
      line,
      why: 'malformed section header; write [GROUP] or [*] on a line of its own',
    };
  }
  return { kind: 'section', line, name };
}
