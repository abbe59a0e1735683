// The sentence of each source file: the first one of the comment that it opens with.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Told {
  /** The paths of one file, or of a C file and its header. */
  readonly names: readonly string[];
  /** undefined: the file opens with no comment. */
  readonly sentence: string | undefined;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = /\.(?:ts|cts|c|h|js)$/;

/** Every folder below `top` that has source files. */
export function foldersWithin(top: string): string[] {
  const below = readdirSync(`${ROOT}${top}`, { withFileTypes: true });
  const inner = below
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => foldersWithin(`${top}/${name}`));
  return below.some((entry) => entry.isFile() && SOURCE.test(entry.name)) ? [top, ...inner] : inner;
}

/** The files of one folder, by name. */
export function sentencesOf(folder: string): Told[] {
  const names = readdirSync(`${ROOT}${folder}`)
    .filter((name) => SOURCE.test(name))
    .sort();
  const isTold = (name: string): boolean => /^See /.test(sentenceIn(`${folder}/${name}`) ?? '');
  const silent = new Set(names.filter((name) => isTold(name) && names.includes(headerOf(name))));
  return names
    .filter((name) => !silent.has(name))
    .map((name) => ({
      names: [...silent].filter((each) => headerOf(each) === name).concat(name),
      sentence: sentenceIn(`${folder}/${name}`),
    }));
}

function headerOf(name: string): string {
  return name.replace(/\.c$/, '.h');
}

/** A sentence ends with a period before a capital, a quotation or a name of code, or with its paragraph. */
function sentenceIn(path: string): string | undefined {
  const paragraph = firstComment(readFileSync(`${ROOT}${path}`, 'utf8'))?.split(/\n\s*\n/)[0];
  const text = paragraph?.replace(/\s+/g, ' ').trim();
  return text === undefined ? undefined : (/^.*?[.](?= (?:[A-Z`"]|[\w/-]+[./(])|$)/.exec(text)?.[0] ?? text);
}

function firstComment(source: string): string | undefined {
  const lines = /^(?:\/\/.*\n)+/.exec(source)?.[0];
  if (lines !== undefined) return lines.replace(/^\/\/ ?/gm, '');
  return /^\/\*([\s\S]*?)\*\//.exec(source)?.[1]?.replace(/^\s*\* ?/gm, '');
}
