// Words for the operator before there is a log.
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';

const STDIN = 0;
const STDERR = 2;

/** Whether standard error is the socket on standard input, as under inetd(8). */
export const isStderrClient = isSameSocket(STDIN, STDERR);

/** Limited, because a client of inetd(8) waits meanwhile. */
const LOGGER_TIMEOUT_MS = 1000;

/** Writes lines to standard error, or to syslog where standard error is a client of ours. */
export function complain(text: string): void {
  if (isStderrClient) {
    spawnSync('logger', ['-t', 'picosocks5', '-p', 'daemon.err', '--', text], { timeout: LOGGER_TIMEOUT_MS });
    return;
  }
  const lines = text.split('\n').map((line) => `picosocks5: ${line}\n`);
  try {
    writeSync(STDERR, lines.join(''));
  } catch {
    // Its reader is gone.
  }
}

/** Discards later output to standard error, such as warnings of Node.js or records of a log without syslog. */
export function closeStderr(): void {
  closeSync(STDERR);
  // The lowest descriptor that is free.
  openSync('/dev/null', 'w');
}

function isSameSocket(one: number, other: number): boolean {
  const [first, second] = [fstatSync(one), fstatSync(other)];
  return first.isSocket() && first.ino === second.ino && first.dev === second.dev;
}
