// Tests that need root: accounts, privileged ports, namespaces of their own. For others they are skipped, and their titles say why.
import test from 'ava';
import { needing } from './needing.ts';

export const IS_ROOT = process.getuid?.() === 0;

/** test() for what needs root. */
export const asRoot = needing('root', IS_ROOT);
/** test.serial() for what needs root. */
export const asRootInTurn = needing('root', IS_ROOT, test.serial);
