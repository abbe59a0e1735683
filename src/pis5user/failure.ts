// How pis5user fails: the exit statuses of sysexits(3), and the error that carries one to main().
import { ProgramFailure } from '../base/programfailure.ts';

export const STATUS = {
  OK: 0,
  /** Command line wrong. */
  USAGE: 64,
  /** The password or the name is not fit for a user file. */
  DATA: 65,
  /** The file cannot be read. */
  NO_INPUT: 66,
  /** The user is not in the file. */
  NO_USER: 67,
  /** A bug: an unforeseen exception. */
  SOFTWARE: 70,
  /** The file cannot be written. */
  CANNOT_CREATE: 73,
  /** The password is not the user's. */
  NO_PERMISSION: 77,
  /** Ctrl-C at the prompt: 128 and the number of SIGINT, as from a shell. */
  INTERRUPTED: 130,
} as const;
export type Pis5userStatus = (typeof STATUS)[keyof typeof STATUS];

/** `message` is what the operator reads, without the name of the program. */
export class Pis5userFailure extends ProgramFailure<Pis5userStatus> {}
