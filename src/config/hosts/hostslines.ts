// The form of hosts_access(5) files: lines that a backslash continues, comments, fields between colons, words.

export interface HostsAccessLine {
  /** The number of its first line, from 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines that are neither empty nor comments, continued ones joined. A comment begins in the first column, and can be continued. */
export function splitHostsLines(text: string): readonly HostsAccessLine[] {
  const lines: HostsAccessLine[] = [];
  let open: HostsAccessLine | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const isContinued = raw.endsWith('\\');
    const part = isContinued ? raw.slice(0, -1) : raw;
    open = open === undefined ? { number: at + 1, text: part } : { ...open, text: open.text + part };
    if (isContinued) continue;
    lines.push(open);
    open = undefined;
  }
  if (open !== undefined) lines.push(open);
  return lines.filter((line) => line.text.trim() !== '' && !line.text.startsWith('#'));
}

/** The fields between colons; a colon in brackets or after a backslash does not separate. */
export function splitFields(line: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let isBracketed = false;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '[') isBracketed = true;
    if (character === ']') isBracketed = false;
    const isEscape = character === '\\' && line.charAt(at + 1) === ':';
    if (character === ':' && !isBracketed) {
      fields.push(field);
      field = '';
      continue;
    }
    if (isEscape) at += 1;
    field += isEscape ? ':' : character;
  }
  return [...fields, field];
}

/** Words between white space and commas. */
export function splitWords(list: string): readonly string[] {
  return list.split(/[\s,]+/).filter((word) => word !== '');
}
