// Whether a file is still the one that was read.
import { statSync } from 'node:fs';
import { systemReason } from '../config/values/systemreason.ts';

/** A text that is another one when the file is; one system call. */
export function fileVersion(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (cause) {
    return systemReason(cause);
  }
}
