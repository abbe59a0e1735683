// What a reader of operator's text gives back: the value, or why there is none.

export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  /** `why` goes on after the name of the option: `"abc" is not a count; write ...`. */
  | { readonly kind: 'wrong'; readonly why: string };

export function value<T>(parsed: T): Parsed<T> {
  return { kind: 'value', value: parsed };
}

export function wrong(why: string): Parsed<never> {
  return { kind: 'wrong', why };
}

/** Text in double quotes for a message: control characters escaped, cut after 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

/** Words as a sentence lists them: `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1) ?? ''].filter((part) => part !== '').join(' or ');
}
