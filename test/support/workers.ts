// The workers of a daemon under test. A worker that is stopped accepts nobody, so the others serve: that is how a test chooses one.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { DaemonStatus } from '../../src/control/controlanswer.ts';
import type { WorkerStatus } from '../../src/control/workerstatus.ts';
import type { Steered } from './pis5ctl.ts';

/** Asked without pis5ctl, which takes longer to start than a stopped worker may stand still. */
export async function statusOf({ path }: Steered): Promise<DaemonStatus> {
  const socket = connect(path);
  socket.end('{"version":1,"command":"status"}\n');
  return (JSON.parse(await text(socket)) as { status: DaemonStatus }).status;
}

export async function workersOf(steered: Steered): Promise<readonly WorkerStatus[]> {
  return (await statusOf(steered)).workers ?? [];
}

export function stopWorker({ pid }: WorkerStatus): void {
  if (pid === undefined) throw new Error('the worker is not there');
  process.kill(pid, 'SIGSTOP');
}

export function continueAll(workers: readonly WorkerStatus[]): void {
  for (const { pid } of workers) if (pid !== undefined) process.kill(pid, 'SIGCONT');
}

/** Lets each worker serve alone, one after the other, while `work` is done. */
export async function eachWorker(
  steered: Steered,
  work: (worker: WorkerStatus) => Promise<unknown>,
): Promise<void> {
  const workers = await workersOf(steered);
  for (const worker of workers) {
    const others = workers.filter((each) => each !== worker);
    for (const other of others) stopWorker(other);
    try {
      await work(worker);
    } finally {
      continueAll(others);
    }
    // Everybody has heard by then: the answer comes behind the facts.
    await workersOf(steered);
  }
}

/** Asks again and again until it is so; rejects after a time that is long enough for any machine. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let left = 1200; left > 0; left--) {
    if (await isSo()) return;
    await delay(50);
  }
  throw new Error('it has not become so within a minute');
}
