// Holds processes on one CPU while something is measured that takes turns anyway.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { processTree } from './proc.ts';

/**
 * With one message in flight only one process works at a time, and what a scheduler's choice of CPU costs (in a virtual
 * machine 50 us for each wake-up across CPUs, in some runs and not in others) hides what the servers differ in. On one
 * CPU the latency is the sum of the work. The load generator is started meanwhile and inherits the CPU from this process.
 */
export async function onOneCpu<Result>(
  pids: readonly number[],
  work: () => Promise<Result>,
): Promise<Result> {
  const last = availableParallelism() - 1;
  const all = [process.pid, ...pids];
  setCpus(all, `${last}`);
  try {
    return await work();
  } finally {
    setCpus(all, `0-${last}`);
  }
}

/** Every thread of every process; taskset(1). One that has ended in the meantime is none of our business. */
function setCpus(pids: readonly number[], cpus: string): void {
  for (const pid of pids) {
    try {
      execFileSync('taskset', ['-a', '-c', '-p', cpus, `${pid}`], { stdio: 'ignore' });
    } catch (error) {
      if (processTree(pid).length > 0) throw error;
    }
  }
}
