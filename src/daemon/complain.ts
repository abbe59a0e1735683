// Words for the operator before there is a log.
import { spawnSync } from 'node:child_process';
import { fstatSync } from 'node:fs';

const STDIN = 0;
const STDERR = 2;

/** More is not waited for: a client of inetd(8) waits, too. */
const LOGGER_TIMEOUT_MS = 1000;

/** Writes lines to standard error, or to syslog where standard error is a client of ours. */
export function complain(text: string): void {
  if (isStderrClient()) {
    spawnSync('logger', ['-t', 'picosocks5', '-p', 'daemon.err', '--', text], { timeout: LOGGER_TIMEOUT_MS });
    return;
  }
  for (const line of text.split('\n')) process.stderr.write(`picosocks5: ${line}\n`);
}

/** Whether standard error is the socket on standard input, as inetd(8) has it. */
export function isStderrClient(): boolean {
  const [input, output] = [fstatSync(STDIN), fstatSync(STDERR)];
  return input.isSocket() && input.ino === output.ino && input.dev === output.dev;
}
