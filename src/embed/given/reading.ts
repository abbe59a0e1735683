// Checks of values that a program passes in, so that a mistake shows at the call that made it.
import { MAX_DURATION_MS } from '../../base/units.ts';
import type { Kind, Reading } from '../../config/values/kinds.ts';
import type { Parsed } from '../../config/values/parsed.ts';
import { didYouMean } from '../../config/values/suggest.ts';

/** Rules of a program stand in no file, and their ports are numbers. */
export const PLAIN: Reading = { origin: {}, folder: '/', portOf: () => undefined };

/** Throws TypeError; its message begins with `option`. */
export function mustParse<T>(option: string, kind: Pick<Kind<T>, 'parse'>, text: string): T {
  return mustBeRight(option, kind.parse(text, PLAIN));
}

export function mustBeRight<T>(option: string, parsed: Parsed<T>): T {
  if (parsed.kind === 'wrong') throw new TypeError(`${option}: ${parsed.why}`);
  return parsed.value;
}

/** A timer can hold no more than MAX_DURATION_MS. */
export function mustBeWhole(option: string, number: unknown): number {
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= MAX_DURATION_MS)
    return number;
  throw new TypeError(`${option}: ${String(number)} is not a whole number from 0 to ${MAX_DURATION_MS}`);
}

export function mustBePositive(option: string, number: unknown): number {
  const whole = mustBeWhole(option, number);
  if (whole > 0) return whole;
  throw new TypeError(`${option}: this limit cannot be switched off; write a number over 0`);
}

/** Throws TypeError when `given` has an unknown field: it may be a misspelt one. */
export function mustBeKnown(given: unknown, known: readonly string[], path = ''): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${path === '' ? 'options' : path}: must be an object`);
  const strange = Object.keys(given).find((key) => !known.includes(key));
  if (strange === undefined) return;
  const dot = path === '' ? '' : `${path}.`;
  throw new TypeError(`${dot}${strange}: there is no such option${nearest(strange, known, dot)}`);
}

/** Words of the option table have no capitals, those of programs do. */
function nearest(word: string, known: readonly string[], prefix: string): string {
  const plain = new Map(known.map((each) => [each.toLowerCase(), each]));
  const hint = didYouMean(word.replaceAll(/[-_]/g, ''), [...plain.keys()]);
  return hint.replace(/"(\w+)"/, (_, found: string) => `"${prefix}${plain.get(found) ?? found}"`);
}
