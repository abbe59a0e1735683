// Why the system refused, in its own words: `permission denied`, without the call and the path that Node adds.
import { getSystemErrorMap } from 'node:util';

/** The text of errno, or the message of any other error. */
export function systemReason(cause: unknown): string {
  const { errno, message } = cause as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}
