// Checks of JSON values: small readers that return a value with its type, or say what is wrong and where. Both ends of the
// control socket use them; neither trusts the other.
import { oneOf, quote, value, wrong, type Parsed } from '../config/values/parsed.ts';

/** Returns `found` with its type, or throws Misfit. `where` names the value in messages. */
export type ShapeReader<T> = (found: unknown, where: string) => T;

/** Readers for the fields of an object. */
export type Readers<T> = { readonly [Field in keyof T]: ShapeReader<T[Field]> };

/** Parses `text` as JSON and reads it. */
export function readJson<T>(text: string, reader: ShapeReader<T>): Parsed<T> {
  try {
    return value(reader(JSON.parse(text), 'message'));
  } catch (failure) {
    if (failure instanceof SyntaxError) return wrong('message: not JSON');
    if (failure instanceof Misfit) return wrong(failure.message);
    throw failure;
  }
}

/** Thrown by readers: a value has the wrong shape. */
export class Misfit extends Error {}

/** Any text of at most `most` UTF-16 units. */
export function text(most = 4096): ShapeReader<string> {
  return (found, where) => {
    if (typeof found !== 'string') throw new Misfit(`${where}: not a text`);
    if (found.length > most) throw new Misfit(`${where}: more than ${most} characters`);
    return found;
  };
}

/** A number from `least` to `most`. */
export function number(least: number, most = Number.MAX_SAFE_INTEGER): ShapeReader<number> {
  return (found, where) => {
    if (typeof found !== 'number') throw new Misfit(`${where}: not a number`);
    if (found < least || found > most) throw new Misfit(`${where}: not from ${least} to ${most}`);
    return found;
  };
}

/** The same without a fraction. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): ShapeReader<number> {
  const any = number(least, most);
  return (found, where) => {
    if (Number.isInteger(any(found, where))) return found as number;
    throw new Misfit(`${where}: not a whole number`);
  };
}

export const flag: ShapeReader<boolean> = (found, where) => {
  if (typeof found !== 'boolean') throw new Misfit(`${where}: neither true nor false`);
  return found;
};

/** One of `words`. */
export function oneWordOf<T extends string>(words: readonly T[]): ShapeReader<T> {
  return (found, where) => {
    const known = words.find((each) => each === found);
    if (known === undefined) throw new Misfit(`${where}: ${shownValue(found)} is not ${oneOf(words)}`);
    return known;
  };
}

/** A value that may be missing. */
export function maybe<T>(reader: ShapeReader<T>): ShapeReader<T | undefined> {
  return (found, where) => (found === undefined ? undefined : reader(found, where));
}

/** A list of any length. */
export function list<T>(item: ShapeReader<T>): ShapeReader<readonly T[]> {
  return (found, where) => {
    if (!Array.isArray(found)) throw new Misfit(`${where}: not a list`);
    return found.map((each, at) => item(each, `${where}[${at}]`));
  };
}

/** An object; fields that no reader is named for are ignored. */
export function object<T>(readers: Readers<T>): ShapeReader<T> {
  return (found, where) => {
    const fields = objectFields(found, where);
    const read = (Object.keys(readers) as (keyof T & string)[])
      .map((name) => [name, readers[name](fields[name], `${where}.${name}`)] as const)
      .filter(([, each]) => each !== undefined);
    return Object.fromEntries(read) as T;
  };
}

/** As object(), but a field that no reader is named for is an error: it may be one that is misspelt. */
export function exactly<T>(readers: Readers<T>): ShapeReader<T> {
  const lenient = object(readers);
  return (found, where) => {
    const alien = Object.keys(objectFields(found, where)).find((name) => !Object.hasOwn(readers, name));
    if (alien !== undefined) throw new Misfit(`${where}: unknown field ${quote(alien)}`);
    return lenient(found, where);
  };
}

function objectFields(found: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new Misfit(`${where}: not an object`);
  }
  return found as Readonly<Record<string, unknown>>;
}

function shownValue(found: unknown): string {
  return typeof found === 'string' ? quote(found) : typeof found;
}
