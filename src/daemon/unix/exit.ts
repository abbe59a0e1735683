// How the program ends: the exit statuses of sysexits(3) and the error that carries one to main.ts.
import { ProgramFailure } from '../../base/programfailure.ts';

export const EXIT = {
  OK: 0,
  /** --explain: the request is denied. */
  DENIED: 1,
  /** The daemon that --healthcheck asked does not serve. */
  UNHEALTHY: 1,
  /** --convert: some statements could not be converted, and are reported. */
  LEFT_OVER: 1,
  /** Command line wrong. */
  USAGE: 64,
  /** The daemon that runs cannot hand over its listeners: it has to end before another one starts. */
  NO_TAKEOVER: 69,
  /** A bug: an unforeseen exception. */
  SOFTWARE: 70,
  /** The system refused a step of the start: cannot listen, cannot fork. */
  OS_ERROR: 71,
  /** Standard output cannot be written. */
  IO_ERROR: 74,
  /** Privileges could not be dropped, an account does not exist, or root would make files where others can reach them. */
  NO_PERMISSION: 77,
  /** The configuration has errors. */
  CONFIG: 78,
  /** Standard output has no reader any more: 128 and the number of SIGPIPE, as a shell tells it. */
  SIGPIPE: 141,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The program cannot start, and why: `message` is what the operator reads, whole lines without prefix. */
export class StartFailure extends ProgramFailure<ExitStatus> {}
