// Compiles what changed of all sources into .cache/typescript: a test run on a fresh checkout then begins with everything there.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileAll } from './typescript-hooks.js';

const sources = ['src', 'test', 'scripts'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => resolve(folder, path)),
);
await compileAll(sources.filter((path) => /(?<!\.d)\.c?ts$/.test(path)));
