// Whether the memory of this process stays within bounds over a run.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Finding } from './finding.ts';

/** Rounds after which it must not grow any more: by then caches are full and code is compiled. */
const WARM_UP_ROUNDS = 4;
const ALLOWANCE_BYTES = 32 * 1_048_576;

export class MemoryWatch {
  #rounds = 0;
  #start = 0;

  /** Called after each round, of `transport`. */
  finding(transport: string): Finding | undefined {
    this.#rounds += 1;
    const now = measureMemory();
    if (this.#rounds <= WARM_UP_ROUNDS) this.#start = now;
    const grown = now - this.#start;
    if (grown <= ALLOWANCE_BYTES) return undefined;
    return {
      kind: 'memory',
      what: `${grown} bytes more than after the first rounds`,
      transport,
      suspects: [],
    };
  }
}

/** Bytes in use after a garbage collection, heap and buffers. */
function measureMemory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
