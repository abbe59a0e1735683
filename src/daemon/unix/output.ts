// Standard output of the programs, which may end before they do: in a pipe that head(1) has closed, on a disk that is full.
import { writeSync } from 'node:fs';
import { systemReason } from '../../config/values/systemreason.ts';
import { EXIT } from './exit.ts';

const [STDOUT, STDERR] = [1, 2];

const PAUSE_MS = 10;

/** Writes all of it. Ends the program when that fails: silently when the reader has gone, with one line about any other error. */
export function print(program: string, text: string | Uint8Array): void {
  try {
    writeAll(STDOUT, Buffer.from(text));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(EXIT.SIGPIPE);
    printLine(`${program}: cannot write to standard output: ${systemReason(error)}\n`);
    process.exit(EXIT.IO_ERROR);
  }
}

function printLine(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // The reader of that is gone as well.
  }
}

/** Waits for a slow reader, also when another process has made the pipe non-blocking. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
