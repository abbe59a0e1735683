// The result of reading an operator's text: the value, or the reason why there is none.

import { CUT } from '../../base/bytes.ts';

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

/**
 * Text in double quotes for a message: control characters escaped, cut after 80 characters, the password of `USER:PASSWORD@HOST`
 * replaced.
 */
export function quote(text: string): string {
  const safe = text.replace(/([^\s:/@]*):[^\s:/@]*@/g, `$1:${CUT}@`);
  return JSON.stringify(safe.length > 80 ? `${safe.slice(0, 80)}...` : safe);
}

/** Words as a sentence lists them: `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), words.at(-1) ?? ''].filter((part) => part !== '').join(' or ');
}
