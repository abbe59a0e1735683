// Reads test/wire/*.txt: conversations as data. The format is described in test/wire/README.md.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What stands for bytes that are known only when the case runs. */
type Placeholder = 'echo' | 'echo6' | 'closed' | 'bound' | 'any';

/** A byte, or a placeholder: two bytes of a port, or `any` one byte. */
export type WireItem = number | Placeholder;

export interface WireCase {
  /** Rule id and what is special, with the name of the file before it. */
  readonly title: string;
  /** Words of test/support/wiresettings.ts. */
  readonly settings: readonly string[];
  /** Request rules; empty: none. */
  readonly rules: string;
  readonly send: readonly WireItem[];
  readonly answer: readonly WireItem[];
  /** Fault code of `refused`, or `endedBy` of `ended`. */
  readonly why: string;
}

interface Entry {
  /** File and line, for messages. */
  readonly place: string;
  readonly title: string;
  readonly lines: readonly string[];
}

const FOLDER = new URL('../wire/', import.meta.url);

/** Every case of every file; throws with file and line where one is not well formed or a title stands twice. */
export function loadWireCases(): WireCase[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  const cases = files.sort().flatMap((file) => parseWireCases(file, readText(file)));
  const titles = new Set<string>();
  for (const { title } of cases) {
    if (titles.has(title)) throw new Error(`test/wire: two cases are called "${title}"`);
    titles.add(title);
  }
  return cases;
}

function readText(file: string): string {
  return readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8');
}

/** The cases in `text`, the content of `file`. */
export function parseWireCases(file: string, text: string): WireCase[] {
  return splitEntries(file, text).flatMap(expand).map(parseEntry);
}

function splitEntries(file: string, text: string): Entry[] {
  const entries: (Entry & { readonly lines: string[] })[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const place = `test/wire/${file}:${at + 1}`;
    if (!line.startsWith(' '))
      entries.push({ place, title: `${file.replace('.txt', '')}: ${line}`, lines: [] });
    else if (entries.length === 0) throw new Error(`${place}: a title must stand before this line`);
    else entries.at(-1)?.lines.push(line.trim());
  }
  return entries;
}

/** One entry for each word of `for`. */
function expand({ place, title, lines }: Entry): Entry[] {
  const loop = lines.find((line) => line.startsWith('for '));
  if (loop === undefined) return [{ place, title, lines }];
  const rest = lines.filter((line) => line !== loop);
  if (!title.includes('{it}')) throw new Error(`${place}: a title with "for" must name {it}`);
  return wordsOf(loop.slice(4)).map((word) => ({
    place,
    title: title.replaceAll('{it}', word),
    lines: rest.map((line) => line.replaceAll('{it}', word)),
  }));
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => {
    const range = /^([0-9a-f]{2})\.\.([0-9a-f]{2})$/.exec(word);
    return range?.[1] === undefined || range[2] === undefined ? [word] : hexRange(range[1], range[2]);
  });
}

function hexRange(low: string, high: string): string[] {
  const words: string[] = [];
  for (let value = parseInt(low, 16); value <= parseInt(high, 16); value++) {
    words.push(value.toString(16).padStart(2, '0'));
  }
  return words;
}

function parseEntry({ place, title, lines }: Entry): WireCase {
  const found = (keyword: string) =>
    lines
      .filter((line) => line.startsWith(`${keyword} `))
      .map((line) => line.slice(keyword.length + 1).trim());
  const unknown = lines.find((line) => !/^(?:>|<|why|with|rules) /.test(line));
  if (unknown !== undefined) throw new Error(`${place}: cannot read the line "${unknown}"`);
  const [why] = found('why');
  if (why === undefined) throw new Error(`${place}: "why" is missing`);
  return {
    title,
    settings: found('with').flatMap((text) => text.split(/\s+/)),
    rules: found('rules').join(' '),
    send: parseItems(place, found('>').join(' ')),
    answer: parseItems(place, found('<').join(' ')),
    why,
  };
}

function parseItems(place: string, text: string): WireItem[] {
  const tokens = text.match(/n?"[^"]*"(?:\*\w+)?|\S+/g) ?? [];
  return tokens.flatMap((token) => {
    const [, body = '', count = '1'] = /^(.*?)(?:\*(\d+|0x[0-9a-f]+))?$/.exec(token) ?? [];
    const items = parseToken(body);
    if (items === undefined) throw new Error(`${place}: cannot read the token ${token}`);
    return Array.from({ length: Number(count) }, () => items).flat();
  });
}

function parseToken(token: string): readonly WireItem[] | undefined {
  if (token === '..') return ['any'];
  const placeholder = /^\{(echo|echo6|closed|bound)\}$/.exec(token)?.[1];
  if (placeholder !== undefined) return [placeholder as Placeholder];
  const text = /^(n?)"([^"]*)"$/.exec(token);
  if (text?.[2] !== undefined) {
    const bytes = [...Buffer.from(text[2], 'latin1')];
    return text[1] === 'n' ? [bytes.length, ...bytes] : bytes;
  }
  return /^(?:[0-9a-f]{2})+$/i.test(token) ? [...Buffer.from(token, 'hex')] : undefined;
}
