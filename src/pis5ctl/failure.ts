// How pis5ctl fails: the exit statuses of sysexits(3), and the error that carries one to main().
import { ProgramFailure } from '../base/programfailure.ts';

export const STATUS = {
  OK: 0,
  /** There was nothing to do it to, or the daemon could not. */
  NOT_DONE: 1,
  /** Command line wrong. */
  USAGE: 64,
  /** No daemon answers there. */
  UNAVAILABLE: 69,
  /** A bug: an unforeseen exception. */
  SOFTWARE: 70,
  /** Too many programs talk to the daemon. */
  TRY_LATER: 75,
  /** The daemon and this program do not understand each other. */
  PROTOCOL: 76,
  /** The socket is for others. */
  NO_PERMISSION: 77,
  /** Ctrl-C: 128 and the number of SIGINT, as from a shell. */
  INTERRUPTED: 130,
} as const;
export type Pis5ctlStatus = (typeof STATUS)[keyof typeof STATUS];

/** `message` is what the operator reads, without the name of the program. */
export class Pis5ctlFailure extends ProgramFailure<Pis5ctlStatus> {}

/** An error in the command line. */
export function usage(text: string): Pis5ctlFailure {
  return new Pis5ctlFailure(STATUS.USAGE, `${text}\nTry "pis5ctl --help".`);
}
