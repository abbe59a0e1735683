// Problems of a file that the daemon follows, in the log, with the version that is in force.
import type { Problem } from '../../config/model/config.ts';
import { formatProblem } from '../../config/values/problem.ts';
import type { Log } from '../../observe/log.ts';

/** The version in force after the problem was found. */
export type VersionInForce = 'previous' | 'new';

/** Logs one problem of a new version of a file; an error at level err, a warning at warn. */
export function logFileProblem(log: Pick<Log, 'write'>, problem: Problem, inForce: VersionInForce): void {
  const level = problem.severity === 'error' ? 'err' : 'warn';
  log.write(level, 'config', {}, formatProblem(problem) + SUFFIX[inForce]);
}

const SUFFIX = { previous: '; what the file said before stays in force', new: '' };
