// Errors as Node throws them when the system refuses.
import { constants } from 'node:os';

export function systemError(code: 'ENOENT' | 'EACCES' | 'EISDIR'): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, errno: -constants.errno[code] });
}
