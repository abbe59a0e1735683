// The table of single bounds against the sources: each constant that it names is in a file that it names, with a value that it
// tells, and each option has the default that it tells.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { OPTIONS } from '../src/config/options/options.ts';

const DOCUMENT = 'docs/bounds.md';

interface Row {
  readonly what: string;
  readonly bound: string;
  readonly files: readonly string[];
}

const rows = rowsOf(readFileSync(DOCUMENT, 'utf8'));

test('there is a row for each of many bounds', (t) => {
  t.true(rows.length > 80, String(rows.length));
});

for (const { what, bound, files } of rows) {
  test(`${what}: what the document says is in the sources`, (t) => {
    const sources = files.map((file) => readFileSync(file, 'utf8')).join('\n');
    const constants = [...bound.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = '']) => name);
    t.deepEqual(
      constants.flatMap((name) => whyNotTold(bound, name, valuesOf(name, sources)) ?? []),
      [],
    );
    const options = [...bound.matchAll(/`([a-z][a-z0-9-]+)` (\d[\d,]*(?: (?:KiB|MiB|s|min)\b)?)/g)];
    for (const [, keyword = '', told = ''] of options) {
      t.true(quantitiesIn(told).has(defaultOf(keyword)), `${keyword} is ${defaultOf(keyword)}, not ${told}`);
    }
  });
}

function whyNotTold(
  bound: string,
  name: string,
  values: readonly (number | 'several')[],
): string | undefined {
  const told = quantitiesIn(bound);
  if (values.length === 0) return `${name} is in none of the files`;
  if (values.some((value) => value === 'several' || told.has(value))) return undefined;
  return `${name} is ${values.join(' or ')}; told are ${[...told].join(', ')}`;
}

/** In bytes or milliseconds. */
function defaultOf(keyword: string): number {
  const option = OPTIONS.find((each) => each.keyword === keyword);
  const text = option !== undefined && 'default' in option ? String(option.default) : '';
  const [, digits = '', unit = ''] = /^(\d+)([a-zA-Z]?)$/.exec(text) ?? [];
  return Number(digits) * ({ s: 1000, m: 60_000, h: 3_600_000, K: 1024, k: 1024, M: 1024 ** 2 }[unit] ?? 1);
}

function rowsOf(document: string): Row[] {
  const section = /^## Single bounds$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(document)?.[1] ?? '';
  return [...section.matchAll(/^\| (.+?) \| (.+) \| (.+?) \|$/gm)]
    .map(([, what = '', bound = '', where = '']) => ({ what, bound, files: filesOf(where) }))
    .filter(({ what }) => what !== 'what');
}

/** Files of TypeScript are named from src/ on. */
function filesOf(where: string): string[] {
  const paths = [...where.matchAll(/`([^`]+\/[^`]*\.[a-z]+)`/g)].map(([, path = '']) => path);
  return paths.map((path) => (path.startsWith('native/') ? path : `src/${path}`));
}

const UNITS: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  days: 86_400_000,
};

/** Numbers as they stand, and with their unit in bytes or milliseconds. */
function quantitiesIn(text: string): ReadonlySet<number> {
  const found = [...text.matchAll(/(\d[\d,]*(?:\.\d+)?)(?: (KiB|MiB|ms|s|min|h|days)\b)?/g)].flatMap(
    ([, digits = '', unit]) => {
      const number = Number(digits.replaceAll(',', ''));
      return unit === undefined ? [number] : [number, number * (UNITS[unit] ?? 1)];
    },
  );
  return new Set(found);
}

/** What sources say of a constant; `several`: no number, but a record, or a sum of other constants. */
function valuesOf(name: string, sources: string): (number | 'several')[] {
  const definitions = new RegExp(
    `(?:const ${name}(?:: [^=]+)? = |#define ${name} |\\b${name} = )([^;\\n]+)`,
    'g',
  );
  return [...sources.matchAll(definitions)].map(([, text = '']) => valueOf(text));
}

/** Of a product, a power or a shift of numbers. */
function valueOf(text: string): number | 'several' {
  const bare = text.replace(/\/[/*].*/, '').replace(/\(\w+_t\)|[_()\s]/g, '');
  const [, base, power] = /^(\d+)\*\*(\d+)$/.exec(bare) ?? [];
  if (base !== undefined && power !== undefined) return Number(base) ** Number(power);
  const [, one, places] = /^(\d+)<<(\d+)$/.exec(bare) ?? [];
  if (one !== undefined && places !== undefined) return Number(one) * 2 ** Number(places);
  const factors = bare.split('*').map(Number);
  return factors.some(Number.isNaN) ? 'several' : factors.reduce((product, factor) => product * factor, 1);
}
