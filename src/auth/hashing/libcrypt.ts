// The crypt(3) of this system through the native addon, for yescrypt, which no JavaScript package has.
import { ownNatives } from './nativefiles.ts';
import type { Crypt } from './natives.ts';

/** Why yescrypt hashes cannot be checked here; undefined when they can. */
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

/** undefined where the addon is not built, or cannot be loaded. */
function loadCrypt(): Crypt | undefined {
  try {
    return ownNatives().crypt;
  } catch {
    return undefined;
  }
}
