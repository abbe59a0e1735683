// What crypt(3) of this system can do, through the native addon: the one way to yescrypt, which no JavaScript package has.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/packageroot.ts';
import type { Crypt } from './natives.ts';

/** Why no yescrypt hash can be checked here; undefined: they can. */
export function whyNoYescrypt(): string | undefined {
  const crypt = loadCrypt();
  if (crypt === undefined) return 'needs the native engine';
  answer ??= crypt(new Uint8Array(0), CHEAPEST);
  return answer === null ? 'the libcrypt of this system does not know' : undefined;
}

/** A setting with the least work (crypt(5)). */
const CHEAPEST = '$y$j75$saltsalt$';

/** The same for the life of the process. */
let answer: string | null | undefined;

/** undefined where the addon is not built. */
function loadCrypt(): Crypt | undefined {
  const require = createRequire(import.meta.url);
  try {
    const load = require('node-gyp-build') as (root: string) => { readonly crypt: Crypt };
    return load(fileURLToPath(packageRoot())).crypt;
  } catch {
    return undefined;
  }
}
