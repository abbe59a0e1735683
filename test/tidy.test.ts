// The house rules that can be read off the sources: folders, cycles, sizes, and who may touch the process.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { FOLDERS as ORDER, NATIVE_FOLDERS } from '../scripts/map/folders.ts';
import { foldersWithin } from '../scripts/map/sentences.ts';

const FOLDERS: readonly string[] = ORDER.map(({ name }) => name);
/** Folders that only these import; `.` is main.ts, index.ts and serveroptions.ts. */
const IMPORTERS = new Map(ORDER.map(({ name, importers }) => [name, importers]));
/** How many files a folder holds; `.` has what programs begin with. */
const FOLDER_FILES = { least: 3, most: 16 };
/** Floors of pure functions: nothing of Node's may be imported. */
const PURE = ['base', 'protocol'];
/** Who may look at the process and end it; `.` holds main.ts and index.ts. */
const PROCESS_USERS = ['daemon', 'pis5user', 'pis5ctl', '.'];
const MAX_LINES = 250;

interface Source {
  /** Path below src/, with `/`. */
  readonly path: string;
  readonly floor: string;
  /** `.` for src/ itself. */
  readonly folder: string;
  readonly text: string;
  /** Specifiers as written. */
  readonly imports: readonly string[];
}

const ROOT = fileURLToPath(new URL('../src', import.meta.url));
const SOURCES: readonly Source[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readSource(path.split(sep).join('/')))
  .sort((one, other) => one.path.localeCompare(other.path));

test('there are sources, and their imports are found', (t) => {
  t.true(SOURCES.length > 10);
  const rules = SOURCES.find(({ path }) => path === 'policy/rules/rules.ts');
  t.true(rules?.imports.includes('./guard.ts'));
});

test('every folder of src/ has its place', (t) => {
  t.deepEqual([...new Set(SOURCES.map(({ folder }) => folder))].sort(), [...FOLDERS].sort());
});

test('a file imports from its own folder and from those before it', (t) => {
  const upward = found((source) =>
    importedPaths(source)
      .filter((path) => FOLDERS.indexOf(dirname(path)) > FOLDERS.indexOf(source.folder))
      .map((path) => `${source.path} imports ${path}`),
  );
  t.deepEqual(upward, []);
});

test('what one folder owns is imported by those that it is for', (t) => {
  const intruders = found((source) =>
    importedPaths(source)
      .filter((path) => dirname(path) !== source.folder)
      .filter((path) => IMPORTERS.get(dirname(path))?.includes(source.folder) === false)
      .map((path) => `${source.path} imports ${path}`),
  );
  t.deepEqual(intruders, []);
});

test('a folder has few files enough to be known, and enough to be one', (t) => {
  const sizes = FOLDERS.map(
    (name) => [name, SOURCES.filter(({ folder }) => folder === name).length] as const,
  );
  t.deepEqual(
    sizes.filter(([, size]) => size < FOLDER_FILES.least || size > FOLDER_FILES.most),
    [],
  );
});

test('no imports go round in a circle', (t) => {
  t.deepEqual(findCycles(), []);
});

test('base and protocol import nothing but each other', (t) => {
  const impure = found(({ path, floor, imports }) =>
    PURE.includes(floor)
      ? imports.filter((name) => !name.startsWith('.')).map((name) => `${path} imports ${name}`)
      : [],
  );
  t.deepEqual(impure, []);
});

test(`no file is longer than ${MAX_LINES} lines`, (t) => {
  const long = found(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    return lines > MAX_LINES ? [`${path} has ${lines}`] : [];
  });
  t.deepEqual(long, []);
});

test('only the daemon, pis5user, pis5ctl and the entry points use process.argv, process.env and process.exit', (t) => {
  const users = found(({ path, floor, text }) =>
    PROCESS_USERS.includes(floor)
      ? []
      : matches(
          stripComments(text),
          /\bprocess\s*\.\s*(?:argv|env|exit|exitCode)\b|from 'node:process'/g,
        ).map((use) => `${path}: ${use}`),
  );
  t.deepEqual(users, []);
});

test('nothing is left to be done', (t) => {
  t.deepEqual(
    found(({ path, text }) => matches(text, /\b(?:TODO|FIXME|XXX)\b/g).map((mark) => `${path}: ${mark}`)),
    [],
  );
});

/** Folders of C, from the ground up, without native/ itself. */
const C_FOLDERS = NATIVE_FOLDERS.map(({ name }) => name).filter((name) => name !== 'native');
const C_SOURCES = C_FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => ({ folder, path: `${folder}/${name}`, text: readFileSync(join(folder, name), 'utf8') })),
);

test('C includes from its own folder and from those before it', (t) => {
  t.true(C_SOURCES.length > 80);
  const upward = C_SOURCES.flatMap(({ folder, path, text }) =>
    [...text.matchAll(/#include "([^"]+)"/g)]
      .map(([, name = '']) => dirname(join(folder, name)).split(sep).join('/'))
      .filter((included) => C_FOLDERS.indexOf(included) > C_FOLDERS.indexOf(folder))
      .map((included) => `${path} includes from ${included}`),
  );
  t.deepEqual(upward, []);
});

test('every folder of native/ has its place, and few enough files', (t) => {
  const folders = foldersWithin('native').filter((name) => name !== 'native');
  t.deepEqual(folders.sort(), [...C_FOLDERS].sort());
  // A file and its header are one.
  const sizes = C_FOLDERS.map((name) => {
    const files = C_SOURCES.filter(({ folder }) => folder === name);
    return [name, new Set(files.map(({ path }) => path.replace(/\.[ch]$/, ''))).size] as const;
  });
  t.deepEqual(
    sizes.filter(([, size]) => size > FOLDER_FILES.most),
    [],
  );
});

test(`no file of C is longer than ${MAX_LINES} lines`, (t) => {
  const long = C_SOURCES.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);
  t.deepEqual(
    long.map(({ path }) => path),
    [],
  );
});

test('no file is named for what it is not', (t) => {
  t.deepEqual(
    found(({ path }) => (/util|helper|manager|context|misc/i.test(path) ? [path] : [])),
    [],
  );
});

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  // Statements begin a line; what is named between `{` and `}` has no quote.
  const statement =
    /^(?:import|export)\s(?:(?:type\s)?(?:\*(?: as \w+)?|\{[^}']*\}|\w+)\s+from\s)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  const imports = [...text.matchAll(statement)].map((match) => match[1] ?? match[2] ?? '');
  return { path, floor: floorOf(path), folder: dirname(path), text, imports };
}

function floorOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '.';
}

/** Paths below src/ of what a source imports from src/; a path out of it keeps its `../`. */
function importedPaths({ path, imports }: Source): string[] {
  return imports
    .filter((name) => name.startsWith('.'))
    .map((name) =>
      relative(ROOT, join(ROOT, dirname(path), name))
        .split(sep)
        .join('/'),
    );
}

function findCycles(): string[] {
  const byPath = new Map(SOURCES.map((source) => [source.path, source]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    const source = byPath.get(path);
    if (source === undefined || trail.includes(path) || finished.has(path)) return;
    for (const next of importedPaths(source)) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of byPath.keys()) visit(path, []);
  return cycles;
}

function found(breaches: (source: Source) => readonly string[]): string[] {
  return SOURCES.flatMap(breaches);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([match]) => match);
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
