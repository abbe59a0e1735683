// Command lines as getopt(3) of the C library reads them: `-p 1080`, `-p1080`, `-1q`, with operands anywhere and `--` before
// what only looks like an option.

/** One word of a command line, or part of one. */
export type OptionWord =
  | { readonly kind: 'flag'; readonly letter: string }
  | { readonly kind: 'value'; readonly letter: string; readonly text: string }
  /** The last word wants a value that is not there. */
  | { readonly kind: 'missing'; readonly letter: string }
  | { readonly kind: 'unknown'; readonly letter: string }
  | { readonly kind: 'operand'; readonly text: string };

/** A whole command line, where the order does not matter. */
export interface OptionTally {
  /** Each as often as it was given. */
  readonly flags: readonly string[];
  /** By letter; the last value counts. */
  readonly values: ReadonlyMap<string, string>;
  /** The first word that is wrong. */
  readonly wrong: Extract<OptionWord, { readonly kind: 'missing' | 'unknown' }> | undefined;
}

export function tally(words: readonly OptionWord[]): OptionTally {
  return {
    flags: words.flatMap((word) => (word.kind === 'flag' ? [word.letter] : [])),
    values: new Map(words.flatMap((word) => (word.kind === 'value' ? [[word.letter, word.text]] : []))),
    wrong: words.find((word) => word.kind === 'missing' || word.kind === 'unknown'),
  };
}

/** `letters` as in getopt(3): a colon after each one that takes a value. */
export function readOptionWords(argv: readonly string[], letters: string): readonly OptionWord[] {
  const words: OptionWord[] = [];
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? '';
    if (arg === '--') return [...words, ...argv.slice(at + 1).map(operand)];
    if (arg === '-' || !arg.startsWith('-')) words.push(operand(arg));
    else {
      const read = readCluster(arg.slice(1), argv[at + 1], letters);
      words.push(...read.words);
      at += read.taken;
    }
  }
  return words;
}

function operand(text: string): OptionWord {
  return { kind: 'operand', text };
}

/** Letters after one dash; `taken`: the number of following words, 0 or 1, used as a value. */
function readCluster(
  cluster: string,
  next: string | undefined,
  letters: string,
): { readonly words: readonly OptionWord[]; readonly taken: number } {
  const words: OptionWord[] = [];
  for (let at = 0; at < cluster.length; at++) {
    const letter = cluster.charAt(at);
    const place = letter === ':' ? -1 : letters.indexOf(letter);
    if (place < 0) words.push({ kind: 'unknown', letter });
    else if (letters[place + 1] !== ':') words.push({ kind: 'flag', letter });
    else {
      const rest = cluster.slice(at + 1);
      const text = rest === '' ? next : rest;
      words.push(text === undefined ? { kind: 'missing', letter } : { kind: 'value', letter, text });
      return { words, taken: rest === '' && text !== undefined ? 1 : 0 };
    }
  }
  return { words, taken: 0 };
}
