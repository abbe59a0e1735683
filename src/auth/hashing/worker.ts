// Entry of a hashing thread: one job in, one answer out. It reads no file but the native parts that it is given.
import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer, Job } from './job.ts';
import { openNatives, type NativeFiles } from './natives.ts';
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

function postAnswer(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}

/** A hash that cannot be checked does not keep the user's other hashes from matching. */
function checkJob({ password, hashes }: Job): WorkerAnswer {
  let broken: WorkerAnswer | undefined;
  for (const hash of hashes) {
    try {
      if (verifyPassword(password, hash, natives)) return { kind: 'verdict', matches: true };
    } catch (error) {
      broken = {
        kind: 'broken',
        why: `${hash.kind}: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }
  return broken ?? { kind: 'verdict', matches: false };
}

yieldToTraffic();
const natives = openNatives(workerData as NativeFiles);
parentPort?.on('message', (job: Job) => {
  const message = checkJob(job);
  job.password.fill(0);
  postAnswer(message);
});
postAnswer({ kind: 'ready' });
