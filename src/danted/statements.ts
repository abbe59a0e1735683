// The text of a sockd.conf as statements: `keyword: value ...` and `client pass { ... }`. It reads more than Dante itself
// does, which ends some lists at the end of a line; whatever it cannot place comes back as `stray`.
import { parseIp } from '../base/ip.ts';
import { isKeyword } from '../config/reading/dantekeywords.ts';

/** `keyword: value ...`, as a setting or inside a block. Lines count from 1. */
export interface DanteField {
  readonly line: number;
  /** In lower case, without its colon. */
  readonly key: string;
  readonly values: readonly string[];
}

export type Statement =
  | { readonly kind: 'setting'; readonly field: DanteField }
  /** `head` is `client pass`, `socks block`, `route` and the like. */
  | {
      readonly kind: 'block';
      readonly line: number;
      readonly head: string;
      readonly fields: readonly DanteField[];
    }
  | { readonly kind: 'stray'; readonly line: number; readonly text: string };

interface DanteWord {
  readonly line: number;
  readonly text: string;
}

/** The statements in order. Never throws. */
export function parseStatements(text: string): readonly Statement[] {
  const words = splitDanteWords(text);
  const statements: Statement[] = [];
  for (let at = 0; at < words.length;) {
    const { statement, next } = readStatement(words, at);
    statements.push(statement);
    at = next;
  }
  return statements;
}

/** Braces and the signs of comparisons are words of their own; `from:0/0` is two, `eth0:0` is a name. */
function splitDanteWords(text: string): readonly DanteWord[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/[^\P{Cc}\s]/gu, '?')
    .split('\n');
  return lines.flatMap((raw, at) => {
    const said = raw.replace(/#.*/s, '').match(/[{}]|[!<>]?=|[<>]|[^\s{}=<>!]+|!/g) ?? [];
    return said.flatMap(splitKey).map((word) => ({ line: at + 1, text: word }));
  });
}

function splitKey(word: string): readonly string[] {
  const [, key, rest = ''] = KEY.exec(word) ?? [];
  if (key === undefined || !isKeyword(key.toLowerCase())) return [word];
  // A port may have a colon, and belongs to the address before it.
  if (key.toLowerCase() === 'port') return rest === '' ? [key] : [key, rest];
  return rest === '' ? [word] : [`${key}:`, rest];
}

const KEY = /^([a-z][\w.-]*):(.*)$/is;
const HEAD = /^(?:(?:(?:client|socks|hostid) )?(?:pass|block)|route|monitor)$/i;

function isKey({ text }: DanteWord): boolean {
  return KEY.exec(text)?.[2] === '' && parseIp(text) === undefined;
}

/** How many words stand before the brace of a block that begins here; 0: none does. */
function headLength(words: readonly DanteWord[], at: number): number {
  return (
    [1, 2].find((length) => {
      const head = words.slice(at, at + length).map(({ text }) => text);
      return words[at + length]?.text === '{' && HEAD.test(head.join(' '));
    }) ?? 0
  );
}

function readStatement(words: readonly DanteWord[], at: number): { statement: Statement; next: number } {
  const first = words[at] ?? { line: 0, text: '' };
  const length = headLength(words, at);
  if (length > 0) return readBlock(words, at, length);
  const next = endOfValues(words, at + 1);
  const values = words.slice(at + 1, next).map(({ text }) => text);
  const statement: Statement = isKey(first)
    ? { kind: 'setting', field: newField(first, values) }
    : strayOf(words.slice(at, next));
  return { statement, next };
}

function strayOf(words: readonly DanteWord[]): Statement {
  return { kind: 'stray', line: words[0]?.line ?? 0, text: words.map(({ text }) => text).join(' ') };
}

function readBlock(
  words: readonly DanteWord[],
  start: number,
  length: number,
): { statement: Statement; next: number } {
  const head = words.slice(start, start + length);
  const fields: DanteField[] = [];
  let at = start + length + 1;
  for (let word = words[at]; word !== undefined && word.text !== '}'; word = words[at]) {
    const next = endOfValues(words, at + 1);
    fields.push(
      newField(
        word,
        words.slice(at + 1, next).map(({ text }) => text),
      ),
    );
    at = next;
  }
  if (at >= words.length) return { statement: strayOf(words.slice(start)), next: at };
  const name = head.map(({ text }) => text.toLowerCase()).join(' ');
  return { statement: { kind: 'block', line: head[0]?.line ?? 0, head: name, fields }, next: at + 1 };
}

function newField({ line, text }: DanteWord, values: readonly string[]): DanteField {
  return { line, key: text.replace(/:$/, '').toLowerCase(), values };
}

function endOfValues(words: readonly DanteWord[], from: number): number {
  let at = from;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    if (isKey(word) || word.text === '{' || word.text === '}' || headLength(words, at) > 0) break;
    at += 1;
  }
  return at;
}
