// The bytes of a command line. Node.js decodes it as UTF-8 and replaces invalid bytes; the kernel keeps the original until
// process.title is set.
import { readFileSync } from 'node:fs';
import { byteString } from '../../base/bytes.ts';

/** The replacement for bytes that are not UTF-8. */
const REPLACED = '\uFFFD';

/**
 * The last arguments of this process, which Node.js gives as `argv`, as byte strings (base/bytes.ts); undefined where one is not
 * UTF-8 and the system does not tell its bytes.
 */
export function argumentBytes(
  argv: readonly string[],
  commandLine = ownCommandLine,
): readonly string[] | undefined {
  if (!argv.some((argument) => argument.includes(REPLACED)))
    return argv.map((argument) => byteString(Buffer.from(argument)));
  const told = readArguments(commandLine).slice(-argv.length);
  const isSame = told.length === argv.length && told.every((bytes, at) => bytes.toString() === argv[at]);
  return isSame ? told.map(byteString) : undefined;
}

/** The byte string of one argument of this process; undefined where that is not known, or two arguments read the same. */
export function bytesOfArgument(argument: string, commandLine = ownCommandLine): string | undefined {
  if (!argument.includes(REPLACED)) return byteString(Buffer.from(argument));
  const read = readArguments(commandLine);
  const [bytes, ...others] = new Set(read.filter((each) => each.toString() === argument).map(byteString));
  return others.length === 0 ? bytes : undefined;
}

function ownCommandLine(): Uint8Array {
  return readFileSync('/proc/self/cmdline');
}

/** Each ends with NUL (proc(5)). */
function readArguments(commandLine: () => Uint8Array): Buffer[] {
  try {
    return byteString(commandLine())
      .split('\0')
      .slice(0, -1)
      .map((argument) => Buffer.from(argument, 'latin1'));
  } catch {
    return [];
  }
}
