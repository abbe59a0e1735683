// Resources of the process, as far as the system tells: none are known in a chroot without /proc.
import { readdirSync } from 'node:fs';

/** Resident memory. */
export function residentBytes(): number | undefined {
  return unlessHidden(() => process.memoryUsage.rss());
}

/** Open descriptors. */
export function countDescriptors(): number | undefined {
  return unlessHidden(() => readdirSync('/proc/self/fd').length);
}

function unlessHidden(ask: () => number): number | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
