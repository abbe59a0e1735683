// The errno numbers of the native addon as names and as errors.
import { getSystemErrorMap, getSystemErrorName } from 'node:util';

/** `ECONNREFUSED` for 111; an unknown number stays a number. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().has(-errno) ? getSystemErrorName(-errno) : `errno ${errno}`;
}

/** The error that Node itself makes of a failed call on `subject`, with `code`, `errno` and `syscall`. */
export function systemError(syscall: string, errno: number, subject: string): Error {
  const code = errnoName(errno);
  const reason = getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
  const error = new Error(`${syscall} ${code}: ${reason} ${subject}`);
  return Object.assign(error, { code, errno: -errno, syscall });
}
