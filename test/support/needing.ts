// Tests that need a thing which some hosts lack: there they are skipped, and their titles say what is missing.
import test, { type Implementation } from 'ava';

export type Declare = (title: string, run: Implementation<[]>) => void;

/** `declare` if it is there; else a skip, titled `... (needs WHAT)`. */
export function needing(what: string, isThere: boolean, declare: Declare = test): Declare {
  return isThere ? declare : (title, run) => test.skip(`${title} (needs ${what})`, run);
}

const IS_LINUX = process.platform === 'linux';

/** test() for what only Linux has, such as /proc. */
export const onLinux = needing('Linux', IS_LINUX);
/** test.serial() for what only Linux has. */
export const onLinuxInTurn = needing('Linux', IS_LINUX, test.serial);
