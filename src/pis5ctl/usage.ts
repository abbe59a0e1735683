// An error in the command line.
import { Failure, STATUS } from './failure.ts';

export function usage(text: string): Failure {
  return new Failure(STATUS.USAGE, `${text}\nTry "pis5ctl --help".`);
}
