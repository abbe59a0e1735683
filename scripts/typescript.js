// Has every supported Node read TypeScript: `node --import=./scripts/typescript.js FILE.ts`, for tests and the scripts of this folder.
// Stacks name the lines of the sources.
import Module, { register } from 'node:module';
import { compile } from './typescript-hooks.js';

process.setSourceMapsEnabled(true);
register('./typescript-hooks.js', import.meta.url);

// For require(), which asks no hook.
Module._extensions['.cts'] = (module, path) => module._compile(compile(path), path);
