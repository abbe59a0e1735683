// The hook of scripts/typescript.js, which Node calls in a thread of its own. What came of a source is kept in .cache/typescript, one
// file for each, whose last line tells what it came from: programs of a test run find theirs there and need no compiler.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The Node.js that src/ is for; the tests run on later ones. */
const HOW = { loader: 'ts', target: 'node18.19', sourcemap: 'inline', sourcesContent: false };

const require = createRequire(import.meta.url);
/** It takes longer to load than most programs take to run. */
const compiler = () => require('esbuild');

/** Node calls it for each module. */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: compile(fileURLToPath(url)), shortCircuit: true };
}

/** A source as JavaScript. */
export function compile(path) {
  const source = look(path);
  return source.code ?? keep(source, compiler().transformSync(source.text, source.how));
}

/** Compiles what has changed, by one process; compile() starts one for each. */
export async function compileAll(paths) {
  const stale = paths.map(look).filter(({ code }) => code === undefined);
  await Promise.all(
    stale.map(async (source) => keep(source, await compiler().transform(source.text, source.how))),
  );
}

/** A source and what is kept of it: no `code` where that came from another text. */
function look(path) {
  const text = readFileSync(path, 'utf8');
  const how = { ...HOW, sourcefile: basename(path) };
  const digest = createHash('sha1').update(JSON.stringify(how)).update(text).digest('hex');
  const lastLine = `//# compiled from ${digest}\n`;
  const place = relative(ROOT, path);
  // A program outside the project, such as a script in /tmp, has no folder there.
  const file = join(ROOT, '.cache/typescript', `${place.startsWith('..') ? digest : place}.js`);
  const kept = readIfThere(file);
  return { text, how, lastLine, file, code: kept?.endsWith(lastLine) ? kept : undefined };
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whole or not at all, because others read it meanwhile. An account that may not write there compiles each time. */
function keep({ file, lastLine }, { code }) {
  const written = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(written, code + lastLine);
    renameSync(written, file);
  } catch {
    // The next run tries again.
  }
  return code;
}
