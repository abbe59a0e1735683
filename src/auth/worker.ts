// Entry of a hashing thread: one job in, one verdict out. An exception ends the thread; hashworker.ts sees to the rest.
import { platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { WorkerAnswer, Job } from './job.ts';
import { verifyPassword } from './verify.ts';

const NICENESS = 10;

/** Only Linux counts niceness by thread: elsewhere this would slow down the whole daemon. */
function yieldToTraffic(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // A sandbox may forbid it (systemd's @resources). Passwords are checked all the same.
  }
}

function answer(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}

yieldToTraffic();
parentPort?.on('message', ({ password, hashes }: Job) => {
  const matches = hashes.some((hash) => verifyPassword(password, hash));
  password.fill(0);
  answer({ kind: 'verdict', matches });
});
answer({ kind: 'ready' });
