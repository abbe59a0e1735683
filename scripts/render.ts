// Writes what comes from tables: of options, parts of the manuals, the sample file, completion for shells; of clients, most of
// docs/clients.md; of measurements, their charts; of source files, docs/files.md. With --check, only tells which differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHARTS } from '../bench/charts.ts';
import { DOCUMENT as README } from '../bench/readme.ts';
import { DOCUMENTS, type Document } from '../src/config/documents/documents.ts';
import { DOCUMENT as CLIENTS } from '../test/clients/document.ts';
import { COMPLETIONS } from './completion/documents.ts';
import { MAPS } from './map/documents.ts';

const isCheck = process.argv.includes('--check');
const differing = [...DOCUMENTS, ...COMPLETIONS, ...MAPS, CLIENTS, README, ...CHARTS].flatMap((document) =>
  isCheck ? findDifference(document) : write(document),
);
for (const line of differing) process.stdout.write(`${line}\n`);
process.exitCode = isCheck && differing.length > 0 ? 1 : 0;

function write({ path, render }: Document): string[] {
  const { file, current } = read(path);
  const wanted = render(current);
  if (wanted === current) return [];
  writeFileSync(file, wanted);
  return [`${path}: written`];
}

/** The first line that differs, from both sides. */
function findDifference({ path, render }: Document): string[] {
  const has = read(path).current.split('\n');
  const wants = render(has.join('\n')).split('\n');
  const at = wants.findIndex((line, index) => line !== has[index]);
  if (at < 0 && has.length === wants.length) return [];
  const line = at < 0 ? wants.length : at;
  const sides = [`  has:   ${has[line] ?? '(end)'}`, `  wants: ${wants[line] ?? '(end)'}`];
  return [`${path}:${line + 1} differs from its table; run "make render"`, ...sides];
}

/** A document that does not exist yet is empty. */
function read(path: string): { file: string; current: string } {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  try {
    return { file, current: readFileSync(file, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { file, current: '' };
  }
}
