// Names in a directory: put into filters as values, never as text, which `*` and `)(` could change; and taken out of entries.
import type { Entry, Filter } from 'ldapts';

/** The package, which is loaded where a directory is asked. */
export type Ldapts = typeof import('ldapts');

/** What stands for `%u` and `%d`. */
export interface Placeholders {
  readonly u: string;
  /** The DN of the user's entry. */
  readonly d?: string;
}

export interface FilterTemplate {
  readonly fill: (values: Placeholders) => Filter;
  /** The attribute that `%u` is compared with, the first of them; undefined: there is none. */
  readonly nameAttribute: string | undefined;
}

const PLACEHOLDER = /%[ud]/;

/**
 * Reads the text of a filter (RFC 4515). Throws an Error, for the operator, when it is invalid or has a placeholder where
 * no value stands.
 */
export function readFilter(text: string, ldapts: Ldapts): FilterTemplate {
  if (!/^\(.+\)$/s.test(text)) throw new Error('it stands in no parentheses');
  const filter = ldapts.FilterParser.parseString(text);
  const equalities: string[] = [];
  check(filter, equalities, ldapts);
  return { fill: (values) => fill(filter, values, ldapts), nameAttribute: equalities[0] };
}

function check(filter: Filter, equalities: string[], ldapts: Ldapts): void {
  const { AndFilter, OrFilter, NotFilter, EqualityFilter } = ldapts;
  if (filter instanceof AndFilter || filter instanceof OrFilter) {
    for (const each of filter.filters) check(each, equalities, ldapts);
  } else if (filter instanceof NotFilter) check(filter.filter, equalities, ldapts);
  else if (filter instanceof EqualityFilter) {
    if (textOf(filter.value).includes('%u')) equalities.push(filter.attribute);
  } else if (PLACEHOLDER.test(JSON.stringify(filter))) {
    throw new Error('%u and %d may stand as the value of an equality only, as in (uid=%u)');
  }
}

function fill(filter: Filter, values: Placeholders, ldapts: Ldapts): Filter {
  const { AndFilter, OrFilter, NotFilter, EqualityFilter } = ldapts;
  const fillAll = (filters: readonly Filter[]): Filter[] => filters.map((each) => fill(each, values, ldapts));
  if (filter instanceof AndFilter) return new AndFilter({ filters: fillAll(filter.filters) });
  if (filter instanceof OrFilter) return new OrFilter({ filters: fillAll(filter.filters) });
  if (filter instanceof NotFilter) return new NotFilter({ filter: fill(filter.filter, values, ldapts) });
  if (!(filter instanceof EqualityFilter)) return filter;
  const value = textOf(filter.value).replace(/%([ud])/g, (whole, key: 'u' | 'd') => values[key] ?? whole);
  return new EqualityFilter({ attribute: filter.attribute, value });
}

function textOf(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString();
}

/** The values of an attribute, whose name has no case; none of bytes that are no text. */
export function valuesOf(entry: Entry, attribute: string): readonly string[] {
  const key = Object.keys(entry).find((each) => each.toLowerCase() === attribute.toLowerCase());
  const values = key === undefined ? [] : entry[key];
  return [values].flat().filter((value): value is string => typeof value === 'string');
}

/** The value that equals `written` without regard to case, in the directory's spelling; else the first one. */
export function nameWithin(values: readonly string[], written: string): string | undefined {
  return values.find((value) => value.toLowerCase() === written.toLowerCase()) ?? values[0];
}

/** `staff` of `cn=staff,ou=groups,dc=example` (RFC 4514); a value that is no DN is returned as it is. */
export function groupNameOf(value: string): string {
  const [, name] = /^[A-Za-z][\w.-]*=((?:[^,+\\]|\\.)*),/s.exec(value) ?? [];
  if (name === undefined) return value;
  const bytes = name.replace(/\\([0-9A-Fa-f]{2})|\\(.)/gs, (_, hex: string | undefined, plain: string) =>
    hex === undefined ? plain : String.fromCharCode(parseInt(hex, 16)),
  );
  return /\\[89A-Fa-f][0-9A-Fa-f]/.test(name) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}
