// crypt(3) of the system, through the native addon: the one way to yescrypt, which no JavaScript package has.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** null where the system refuses the setting or the password holds NUL. */
type Crypt = (password: Uint8Array, setting: string) => string | null;

/** undefined where the addon is not built. Works in threads, too. */
export function loadCrypt(): Crypt | undefined {
  const require = createRequire(import.meta.url);
  try {
    const load = require('node-gyp-build') as (root: string) => { readonly crypt: Crypt };
    return load(fileURLToPath(new URL('../..', import.meta.url))).crypt;
  } catch {
    return undefined;
  }
}
