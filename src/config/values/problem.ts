// Problems of a configuration as an operator reads them.
import type { Origin, Problem } from '../model/config.ts';

/** `/etc/picosocks5.conf:12: unknown key "maxcon"; did you mean "maxconn"?`, warnings marked as such. */
export function formatProblem(problem: Problem): string {
  const mark = problem.severity === 'warning' ? 'warning: ' : '';
  return `${formatOrigin(problem.origin)}: ${mark}${problem.text}`;
}

/** `FILE:LINE`, `FILE`, `environment variable NAME`, or `command line`. */
export function formatOrigin(origin: Origin): string {
  if (origin.variable !== undefined) return `environment variable ${origin.variable}`;
  if (origin.file === undefined) return 'command line';
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
}

/** Whether the error is one of usage, the environment included (exit status 64), and not of a file (78). */
export function isUsageError(problem: Problem): boolean {
  return problem.severity === 'error' && problem.origin.file === undefined;
}

export function error(origin: Origin, text: string): Problem {
  return { severity: 'error', origin, text };
}

export function warning(origin: Origin, text: string): Problem {
  return { severity: 'warning', origin, text };
}
