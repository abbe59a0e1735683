// Finds the native parts of password checks, once for the whole process.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/packageroot.ts';
import { openNatives, type NativeFiles, type Natives } from './natives.ts';

/** Throws when bcrypt is missing, because it is not optional. */
export function findNativeFiles(): NativeFiles {
  const require = createRequire(import.meta.url);
  const { path } = require('node-gyp-build') as { readonly path: (root: string) => string };
  return {
    bcrypt: path(dirname(require.resolve('bcrypt/package.json'))),
    addon: unlessMissing(() => path(fileURLToPath(packageRoot()))),
  };
}

/** The native parts of this thread, loaded on first use; throws when that fails. */
export function ownNatives(): Natives {
  loaded ??= openNatives(findNativeFiles());
  return loaded;
}

let loaded: Natives | undefined;

function unlessMissing(find: () => string): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
