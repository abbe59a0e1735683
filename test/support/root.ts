// Tests that need root: accounts, privileged ports, namespaces of their own. For others they are skipped, and their titles say why.
import test, { type Implementation } from 'ava';

export const IS_ROOT = process.getuid?.() === 0;

type Declare = (title: string, run: Implementation<[]>) => void;

/** test() for what needs root. */
export const asRoot = forRoot(test);
/** test.serial() for what needs root. */
export const asRootInTurn = forRoot(test.serial);

function forRoot(declare: Declare): Declare {
  return IS_ROOT ? declare : (title, run) => test.skip(`${title} (needs root)`, run);
}
