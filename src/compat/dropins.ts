// The programs whose command lines are understood: by --as, and by the name of the link that is called (bin/picosocks5).
import type { DropIn } from '../daemon/host/dropin.ts';
import { MICROSOCKS } from './microsocks.ts';
import { OSOCKS } from './osocks.ts';
import { SIMPLESOCKS5 } from './simplesocks5.ts';
import { SRELAY } from './srelay.ts';

export const DROP_INS: readonly DropIn[] = [MICROSOCKS, OSOCKS, SIMPLESOCKS5, SRELAY];
