// The complete examples of a document: what its sections have somebody write and type.
import { readFileSync } from 'node:fs';

export interface Setup {
  /** Texts of files by their paths: a block that begins with `# /PATH`. */
  readonly files: ReadonlyMap<string, string>;
  /** Lines of blocks without a word and without such a beginning. */
  readonly commands: readonly string[];
  /** Blocks of settings that are a part of a file. */
  readonly parts: readonly string[];
  readonly text: string;
}

/** The section below `## HEADING`. */
export function setupOf(document: string, heading: string): Setup {
  const page = readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8');
  const text = page.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
  if (text === undefined) throw new Error(`docs/${document} has no section "${heading}"`);
  const files = new Map<string, string>();
  const [commands, parts]: [string[], string[]] = [[], []];
  for (const [, word = '', block = ''] of text.matchAll(/^```(\w*)\n(.*?)^```$/gms)) {
    const [, path] = /^# (\/\S+)/.exec(block) ?? [];
    if (path !== undefined) files.set(path, block);
    else if (word === 'ini') parts.push(block);
    else commands.push(...block.split('\n').filter((line) => line !== ''));
  }
  return { files, commands, parts, text };
}
