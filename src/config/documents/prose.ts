// The words of the option table laid out for plain-text documents.
import type { Option } from '../options/option.ts';

/** Summary and details as one text, for people who read it where no bold face is. */
export function plainText(option: Option): string {
  return withoutMarks([option.summary, option.details].filter((part) => part !== undefined).join(' '));
}

/** Without the backticks that mark keys and values. */
export function withoutMarks(text: string): string {
  return text.replaceAll('`', '');
}

/** Lines of at most `width` characters, broken at blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The default as a document shows it; undefined where nothing is set by default. */
export function defaultOf(option: Option): string | undefined {
  return option.kind === 'setting' ? option.default : undefined;
}
