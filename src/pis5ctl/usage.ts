// An error in the command line.
import { Pis5ctlFailure, STATUS } from './failure.ts';

export function usage(text: string): Pis5ctlFailure {
  return new Pis5ctlFailure(STATUS.USAGE, `${text}\nTry "pis5ctl --help".`);
}
