// What this process holds: descriptors, handles, memory.
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Level {
  /** Open descriptors; undefined where there is no /proc. */
  readonly descriptors: number | undefined;
  /** Active handles and timers of Node. */
  readonly handles: number;
}

/** Something that is on its way out may still be counted. */
const SETTLE_LIMIT_MS = 5000;
const SETTLE_STEP_MS = 20;

export function measureLevel(): Level {
  return { descriptors: countDescriptors(), handles: process.getActiveResourcesInfo().length };
}

/** Waits until nothing is held beyond `start`; otherwise says what is. */
export async function excessOver(start: Level): Promise<string | undefined> {
  const limit = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const excess = compare(start, measureLevel());
    if (excess === undefined || performance.now() > limit) return excess;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
  }
}

/** Bytes in use after a garbage collection, heap and buffers. */
export function measureMemory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function compare(start: Level, now: Level): string | undefined {
  if ((now.descriptors ?? 0) > (start.descriptors ?? 0)) {
    return `${now.descriptors ?? 0} descriptors are open, ${start.descriptors ?? 0} at the start`;
  }
  if (now.handles > start.handles) {
    const kinds = process.getActiveResourcesInfo().join(' ');
    return `${now.handles} handles are active, ${start.handles} at the start: ${kinds}`;
  }
  return undefined;
}

function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
