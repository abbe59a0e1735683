// Reads once more, as the service account, what a reload will have to read.
import { closeSync, openSync } from 'node:fs';
import { systemReason } from '../../config/values/systemreason.ts';

/** A warning for each file that cannot be opened any more. */
export function findUnreadable(files: readonly string[]): string[] {
  return [...new Set(files)].flatMap((file) => {
    const reason = whyUnreadable(file);
    return reason === undefined
      ? []
      : [
          `${file} cannot be read after the start (${reason}): a reload will fail until the service account may read it`,
        ];
  });
}

/** undefined: this account may open it. */
export function whyUnreadable(file: string): string | undefined {
  try {
    closeSync(openSync(file, 'r'));
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}
